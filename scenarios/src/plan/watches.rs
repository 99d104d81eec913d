//! Combines the watches of a project with those of a scenario.

use crate::finding::{Code, Diagnostic, did_you_mean};
use crate::project::{Image, Project};
use crate::scenario::Scenario;
use crate::value::Written;
use crate::watch::{HOPELESS, Watch, WatchRule};

/// Returns the watches that apply to a scenario: the project's, as the scenario changes them, then its own.
pub fn watches<'a>(
    project: Option<&'a Project>,
    scenario: &'a Scenario,
) -> Vec<&'a Watch<Written>> {
    let mut watches: Vec<&Watch<Written>> = project
        .map(|project| project.watch.iter().collect())
        .unwrap_or_default();
    for rule in &scenario.watch {
        match rule {
            WatchRule::Off { name, .. } => watches.retain(|watch| watch.name != *name),
            WatchRule::Watch(own) => {
                match watches.iter_mut().find(|watch| watch.name == own.name) {
                    Some(watch) => *watch = own,
                    None => watches.push(own),
                }
            }
        }
    }
    watches
}

/// Returns the names that a scenario, its image or its project switches off: hopeless states, and watches of the
/// project.
pub fn switched_off(
    project: Option<&Project>,
    image: Option<&Image>,
    scenario: &Scenario,
) -> Vec<String> {
    let of_project = project.into_iter().flat_map(|project| &project.off);
    let of_image = image.into_iter().flat_map(|image| &image.off);
    let own = scenario.watch.iter().filter_map(|rule| match rule {
        WatchRule::Off { name, .. } => Some(name),
        WatchRule::Watch(_) => None,
    });
    of_project.chain(of_image).chain(own).cloned().collect()
}

/// Finds unknown names and repeated names among the watches of a scenario.
pub(crate) fn check_watches(project: Option<&Project>, scenario: &Scenario) -> Vec<Diagnostic> {
    let of_project: Vec<&str> = project
        .map(|project| {
            project
                .watch
                .iter()
                .map(|watch| watch.name.as_str())
                .collect()
        })
        .unwrap_or_default();
    let mut findings = Vec::new();
    let mut own: Vec<&str> = Vec::new();
    for rule in &scenario.watch {
        match rule {
            WatchRule::Off { name, at } => {
                let is_known =
                    of_project.contains(&name.as_str()) || HOPELESS.contains(&name.as_str());
                if !is_known {
                    let help = did_you_mean(name, of_project.iter().copied().chain(HOPELESS))
                        .unwrap_or_else(|| {
                            "only named watches of the project can be switched off".to_owned()
                        });
                    findings.push(
                        Diagnostic::new(Code::UnknownWatch, at, format!("unknown watch `{name}`"))
                            .with_help(help),
                    );
                }
            }
            WatchRule::Watch(watch) => {
                if own.contains(&watch.name.as_str()) {
                    let message = format!("two watches are called `{}`", watch.name);
                    findings.push(Diagnostic::new(Code::DuplicateName, &watch.at, message));
                }
                own.push(&watch.name);
            }
        }
    }
    findings
}

//! Checks the health checks of boards: their scenario and their image exist.

use crate::finding::{Code, Diagnostic};
use crate::library::Library;
use crate::plan::Chain;
use crate::project::Project;

/// Finds health checks of boards that cannot run.
pub(super) fn check(project: &Project, library: &Library) -> Vec<Diagnostic> {
    let boards = project.machines.values();
    let checks = boards.filter_map(|machine| machine.board.as_ref()?.health.as_ref());
    let mut findings = Vec::new();
    for health in checks {
        if let Some(image) = &health.image
            && let Err(unknown) = project.image(&image.value)
        {
            findings.push(Diagnostic {
                at: Some(image.at.clone()),
                ..unknown
            });
        }
        let scenario = match library.find(&health.scenario.value) {
            Ok(scenario) => scenario,
            Err(unknown) => {
                findings.push(Diagnostic {
                    at: Some(health.scenario.at.clone()),
                    ..unknown
                });
                continue;
            }
        };
        // A scenario without a way to it is reported where it is written.
        let names_none = Chain::to(library, scenario).is_ok_and(|chain| chain.image().is_none());
        if health.image.is_none() && names_none {
            let message = format!(
                "the health check names no image, and neither does its scenario `{}`",
                scenario.name
            );
            let finding = Diagnostic::new(Code::NoImage, &health.scenario.at, message);
            findings.push(finding.with_help("add `image:` under `health:`"));
        }
    }
    findings
}

//! Finds the image, machine, variables and keyboard that a scenario is checked with.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Code, Diagnostic, Spanned};
use crate::keyboard::Keyboard;
use crate::library::Library;
use crate::plan::{Chain, VarSources};
use crate::project::{Image, Machine, Project};
use crate::scenario::Scenario;
use crate::step::Action;
use crate::value::{ATTEMPT, BUILT_IN, Vars, WrittenValue};

/// Returns the image and the machine of a chain, as far as they are known.
pub(super) fn place<'p>(
    project: Option<&'p Project>,
    chain: &Chain,
    findings: &mut Vec<Diagnostic>,
) -> (Option<&'p Image>, Option<Machine>) {
    let Some(project) = project else {
        // Without a project the image is given on the command line.
        let machine = chain.machine_at().map(|name| {
            Machine::preset(name).map_err(|error| Diagnostic {
                at: Some(name.at.clone()),
                ..error
            })
        });
        return match machine {
            Some(Ok(machine)) => (None, Some(machine)),
            Some(Err(error)) => {
                findings.push(error);
                (None, None)
            }
            None => (None, None),
        };
    };
    let image = match project.image_for(chain) {
        Ok(image) => Some(image),
        Err(error) => {
            // The missing image is reported once, for the scenario that starts at power-on.
            if error.code != Code::NoImage || chain.stages.len() == 1 {
                findings.push(error);
            }
            None
        }
    };
    match project.machine_for(chain, image) {
        Ok(machine) => {
            let named = chain.machine_at();
            if let (Some(image), Some(named)) = (image, named)
                && let Err(error) = project.check_fit(image, &machine)
            {
                findings.push(Diagnostic {
                    at: Some(named.at.clone()),
                    ..error
                });
            }
            (image, Some(machine))
        }
        Err(error) => {
            findings.push(error);
            (image, None)
        }
    }
}

/// Returns the variables that a scenario starts with. Secrets are included without their values.
pub(super) fn variables(
    project: Option<&Project>,
    image: Option<&Image>,
    machine: Option<&Machine>,
    scenario: &Scenario,
    matrix: Option<&BTreeMap<String, Spanned<WrittenValue>>>,
) -> (Vars, Vec<Diagnostic>) {
    let declared = project.into_iter().flat_map(|project| &project.secrets);
    let secrets: BTreeMap<String, String> = declared
        .chain(&scenario.secrets)
        .map(|secret| (secret.name.clone(), String::new()))
        .collect();
    let built_in: Vec<(&'static str, String)> = BUILT_IN
        .iter()
        .filter(|name| **name != ATTEMPT)
        .map(|name| (*name, String::new()))
        .collect();
    VarSources {
        project,
        image: image.map(|image| image.name.as_str()),
        machine: machine.map(|machine| machine.name.as_str()),
        scenario,
        matrix,
        command_line: &[],
        secrets: &secrets,
        built_in: &built_in,
    }
    .resolve_all()
}

/// Returns the variables that steps of a scenario, and of the fragments it includes, set.
pub(super) fn assigned(library: &Library, scenario: &Scenario) -> Vec<String> {
    let mut names = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut files = vec![scenario];
    while let Some(file) = files.pop() {
        for step in file.all_steps() {
            names.extend(step.action.sets().into_iter().map(str::to_owned));
            if let Action::Include(include) = &step.action
                && seen.insert(include.path())
                && let Some(fragment) = library.file(&include.path())
            {
                files.push(fragment);
            }
        }
    }
    names
}

/// Returns the keyboard of a scenario. Returns `None` if it depends on an image that is not known.
pub(super) fn keyboard(
    project: Option<&Project>,
    image: Option<&Image>,
    machine: Option<&Machine>,
    scenario: &Scenario,
) -> Option<Keyboard> {
    let images = || {
        project
            .into_iter()
            .flat_map(|project| project.images.values())
    };
    let depends = image.is_none() && images().any(|image| image.keyboard.is_some());
    (!depends || scenario.keyboard.is_some())
        .then(|| Keyboard::of(project, image, machine, scenario))
}

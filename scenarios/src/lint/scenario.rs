//! Checks one scenario.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::attempt::shared_attempt;
use super::expected_panic;
use super::needle_index::NeedleIndex;
use super::setting::{assigned, keyboard, place, variables};
use super::walk::Walk;
use crate::finding::{Code, Diagnostic};
use crate::library::Library;
use crate::plan::{Chain, Combination, check_watches, expand_all, watches};
use crate::project::Project;
use crate::scenario::Scenario;
use crate::value::{BUILT_IN, Text, Value, Vars};

/// Checks a scenario, either by itself or in a combination of a matrix.
pub(super) fn check(
    project: Option<&Project>,
    library: &Library,
    scenario: &Arc<Scenario>,
    on: Option<&Combination>,
    needles: &mut NeedleIndex<'_>,
) -> Vec<Diagnostic> {
    let mut findings = check_watches(project, scenario);
    let chain = chain(library, scenario, &mut findings);
    let (image, machine) = match (&chain, on) {
        (_, Some(on)) => (
            project.and_then(|project| project.images.get(&on.image)),
            project.and_then(|project| project.machine(&on.machine).ok()),
        ),
        (Some(chain), None) => place(project, chain, &mut findings),
        (None, None) => (None, None),
    };
    let stages = match &chain {
        Some(chain) => chain.stages.as_slice(),
        None => std::slice::from_ref(scenario),
    };
    let of_matrix = on.map(|on| on.vars.as_ref());
    let (vars, more) = variables(project, image, machine.as_ref(), scenario, of_matrix);
    findings.extend(more);
    let (steps, more) = expand_all(scenario, library, &vars);
    findings.extend(more);
    let mut walk = Walk {
        keyboard: keyboard(project, image, machine.as_ref(), scenario),
        may_be_skipped: false,
        scope: at_start(library, scenario, stages, &vars),
        fixed: never_set(library, stages, &vars),
        needles,
        findings,
        watched_panics: expected_panic::watches(&watches(project, scenario)),
    };
    walk.watches(project, scenario);
    walk.scope.set_attempt(1);
    walk.steps(&steps);
    let shared = shared_attempt(library, scenario, &vars, &steps);
    walk.findings.extend(shared);
    walk.findings
}

/// Returns the chain of a scenario. Reports the reason if it has none.
fn chain(
    library: &Library,
    scenario: &Arc<Scenario>,
    findings: &mut Vec<Diagnostic>,
) -> Option<Chain> {
    match Chain::to(library, scenario) {
        Ok(chain) => Some(chain),
        Err(broken) => {
            findings.push(if broken.blamed.contains(&scenario.name) {
                broken.finding
            } else {
                unreachable(scenario, &broken.blamed)
            });
            None
        }
    }
}

/// Returns the variables that exist when a scenario starts. The value of one that an earlier stage sets is not known.
fn at_start(library: &Library, scenario: &Scenario, stages: &[Arc<Scenario>], vars: &Vars) -> Vars {
    let mut scope = vars.clone();
    for stage in stages.iter().filter(|stage| stage.name != scenario.name) {
        for name in assigned(library, stage) {
            scope.shadow(&name, Value::Text(Text::default()));
        }
    }
    scope
}

/// Returns the variables that no step of the stages sets and that are not built in. Their values are known.
fn never_set(library: &Library, stages: &[Arc<Scenario>], vars: &Vars) -> Vars {
    let open: BTreeSet<String> = stages
        .iter()
        .flat_map(|stage| assigned(library, stage))
        .chain(BUILT_IN.iter().map(|name| (*name).to_owned()))
        .collect();
    let mut fixed = Vars::new();
    for (name, value) in vars.iter().filter(|(name, _)| !open.contains(*name)) {
        fixed.shadow(name, value.clone());
    }
    fixed
}

/// Makes the finding about a scenario that starts after one that cannot run.
fn unreachable(scenario: &Scenario, blamed: &[String]) -> Diagnostic {
    let at = scenario
        .after
        .as_ref()
        .map_or(&scenario.at, |after| &after.at);
    let mut blamed = blamed.to_vec();
    blamed.sort();
    let message = format!(
        "`{}` cannot be reached: `{}` cannot run",
        scenario.name,
        blamed.join("` and `")
    );
    Diagnostic::new(Code::Unreachable, at, message)
}

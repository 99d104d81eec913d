//! Finds scenarios that differ between attempts although others start after them.

use crate::checkpoint_key::Assigned;
use crate::finding::{Code, Diagnostic};
use crate::library::Library;
use crate::plan::PlannedStep;
use crate::scenario::Scenario;
use crate::value::Vars;

/// Makes the finding about a scenario that differs between attempts although others start after it. The place is the
/// first step that differs.
pub(super) fn shared_attempt(
    library: &Library,
    scenario: &Scenario,
    vars: &Vars,
    steps: &[PlannedStep],
) -> Option<Diagnostic> {
    let child = library.scenarios().find(|other| {
        let after = other.after.as_ref();
        after.is_some_and(|after| after.value == scenario.name)
    })?;
    let step = first_per_attempt(vars, steps)?;
    let message = format!(
        "`{{{{ attempt }}}}` is always 1 for `{}`, which starts after this scenario, and no checkpoint is made that it \
        could start from",
        child.name
    );
    let finding = Diagnostic::new(Code::AttemptShared, step.at(), message);
    Some(finding.with_help("use it only in scenarios that nothing starts after"))
}

fn first_per_attempt<'s>(vars: &Vars, steps: &'s [PlannedStep]) -> Option<&'s PlannedStep> {
    let step = steps.iter().find(|step| {
        let material = step.key_material(vars, &mut Assigned::new());
        material.per_attempt
    })?;
    Some(first_per_attempt(vars, &step.steps).unwrap_or(step))
}

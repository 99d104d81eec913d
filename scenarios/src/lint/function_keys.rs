//! Finds keys that an older QEMU does not know.

use crate::finding::{Code, Diagnostic};
use crate::keyboard::{KeyCombo, Part};
use crate::plan::PlannedStep;
use crate::step::Action;
use crate::value::{Render, Templated, Vars};

/// The keys that QEMU has known only since version 8.0.
const SINCE_8: [&str; 12] = [
    "f13", "f14", "f15", "f16", "f17", "f18", "f19", "f20", "f21", "f22", "f23", "f24",
];

/// Finds the keys F13 to F24 in steps, as far as values are known. A QEMU before 8.0 does not know them. Leaves out
/// steps with a `when` and the steps inside them, because they may be meant for another host.
pub fn unknown_function_keys(steps: &[PlannedStep], vars: &Vars) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for planned in steps.iter().filter(|planned| planned.when().is_none()) {
        if let Ok(scope) = planned.scope(vars) {
            let combos: Vec<&Templated<KeyCombo>> = match &planned.step().action {
                Action::Press(press) => press.keys.iter().collect(),
                Action::Hold(hold) => vec![&hold.keys],
                _ => Vec::new(),
            };
            findings.extend(
                combos
                    .into_iter()
                    .filter_map(|combo| finding(combo, &scope)),
            );
        }
        findings.extend(unknown_function_keys(&planned.steps, vars));
    }
    findings
}

fn finding(combo: &Templated<KeyCombo>, vars: &Vars) -> Option<Diagnostic> {
    let keys = combo.render(vars).ok()?;
    let late = keys.parts().iter().find_map(|part| match part {
        Part::Named(name) if SINCE_8.contains(name) => Some(*name),
        Part::Named(_) | Part::Character(_) => None,
    })?;
    let message = format!("the QEMU of this host does not know the key `{late}`");
    let finding = Diagnostic::new(Code::UnknownKey, combo.at(), message);
    Some(finding.with_help("QEMU 8.0 and later know the keys F13 to F24"))
}

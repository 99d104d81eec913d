use crate::finding::{Code, Diagnostic};
use crate::keyboard::{KeyCombo, Part};
use crate::plan::PlannedStep;
use crate::step::Action;
use crate::value::Render;
use crate::value::{Templated, Vars};

/// The keys that QEMU knows since version 8.0 only.
const SINCE_8: [&str; 12] = [
    "f13", "f14", "f15", "f16", "f17", "f18", "f19", "f20", "f21", "f22", "f23", "f24",
];

/// Findings about the keys F13 to F24 in steps, as far as values are known: an older QEMU does not know them. Steps
/// with a `when`, and those inside of them, are left out, as they may be for another host.
pub fn beyond_f12_in(steps: &[PlannedStep], vars: &Vars) -> Vec<Diagnostic> {
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
        findings.extend(beyond_f12_in(&planned.steps, vars));
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

use std::collections::BTreeSet;

use super::{Keyboard, Untyped};
use crate::{
    Action, Code, Diagnostic, KeyCombo, PlannedStep, Render, Span, Templated, Type, Vars, Written,
};

/// Characters that steps type or press and the keyboard does not type, as far as values are known. Steps with a `when`,
/// and those inside of them, are left out: they may be for another keyboard.
pub fn untyped_in(steps: &[PlannedStep], vars: &Vars, keyboard: Keyboard) -> Vec<Diagnostic> {
    let mut set = BTreeSet::new();
    assigned(steps, &mut set);
    let mut findings = Vec::new();
    walk(steps, vars, &set, keyboard, &mut findings);
    findings
}

fn walk(
    steps: &[PlannedStep],
    vars: &Vars,
    set: &BTreeSet<String>,
    keyboard: Keyboard,
    findings: &mut Vec<Diagnostic>,
) {
    for planned in steps.iter().filter(|planned| planned.when().is_none()) {
        if let Ok(mut scope) = planned.scope(vars) {
            for name in set {
                scope.forget(name);
            }
            findings.extend(untyped_in_step(&planned.step().action, &scope, keyboard));
        }
        walk(&planned.steps, vars, set, keyboard, findings);
    }
}

/// The variables that steps set while they run: their values are known only then.
fn assigned(steps: &[PlannedStep], names: &mut BTreeSet<String>) {
    for planned in steps {
        names.extend(planned.step().action.sets().into_iter().map(str::to_owned));
        assigned(&planned.steps, names);
    }
}

/// The finding about the first character of a step that the keyboard does not type. `vars` holds the
/// variables whose values are known.
pub(crate) fn untyped_in_step(
    action: &Action<Written>,
    vars: &Vars,
    keyboard: Keyboard,
) -> Option<Diagnostic> {
    match action {
        Action::Type(step) => in_text(step, vars, keyboard),
        Action::Press(press) => (press.keys.iter())
            .find_map(|combo| in_combo(combo, vars, |combo| keyboard.combo(combo).err())),
        Action::Hold(hold) => in_combo(&hold.keys, vars, |combo| keyboard.chord(combo).err()),
        _ => None,
    }
}

fn in_text(step: &Type<Written>, vars: &Vars, keyboard: Keyboard) -> Option<Diagnostic> {
    let template = step.text.template();
    let mut variables = template.variables();
    for piece in template.pieces() {
        match piece {
            Ok(literal) => {
                if let Err(untyped) = keyboard.text(literal) {
                    let at = template.at().first(untyped.character);
                    return Some(finding(&untyped, &at, step.secret, None));
                }
            }
            Err(name) => {
                let at = variables.next().map_or(template.at(), |(_, at)| at);
                let Some(text) = vars.text(name) else {
                    continue;
                };
                if let Err(untyped) = keyboard.text(text.reveal()) {
                    let secret = step.secret || text.is_secret();
                    return Some(finding(&untyped, at, secret, Some(name)));
                }
            }
        }
    }
    None
}

fn in_combo(
    combo: &Templated<KeyCombo>,
    vars: &Vars,
    untyped: impl Fn(&KeyCombo) -> Option<Untyped>,
) -> Option<Diagnostic> {
    let untyped = untyped(&combo.render(vars).ok()?)?;
    let at = combo.at().first(untyped.character);
    Some(finding(&untyped, &at, false, None))
}

fn finding(untyped: &Untyped, at: &Span, secret: bool, variable: Option<&str>) -> Diagnostic {
    let mut message = untyped.words(secret);
    if let Some(name) = variable {
        message.push_str(&format!(", which the variable `{name}` has in it"));
    }
    Diagnostic::new(Code::UntypedCharacter, at, message).with_help(untyped.help())
}

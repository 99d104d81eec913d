//! Finds characters that the guest's keyboard cannot type.

use crate::finding::{Code, Diagnostic, Span};
use crate::keyboard::{KeyCombo, Keyboard, Untyped};
use crate::step::{Action, Type};
use crate::value::{Render, Templated, Vars, Written};

/// Makes the finding about the first character of a step that the keyboard cannot type. `vars` has the variables whose
/// values are known.
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

use std::collections::BTreeSet;

use super::{Keyboard, Untyped};
use crate::{
    Action, Code, Diagnostic, KeyCombo, PlannedStep, Render, Set, Span, Templated, TooMuchHeld,
    Type, Vars, Written,
};

/// Mistakes of the values of steps, as far as they are known before anything runs: characters that are typed or pressed
/// and the keyboard does not type, and variables that `set` makes too long. Steps with a `when`, and those inside of
/// them, are left out: they may be for another keyboard.
pub fn mistakes_in_values(
    steps: &[PlannedStep],
    vars: &Vars,
    keyboard: Keyboard,
) -> Vec<Diagnostic> {
    let mut set = BTreeSet::new();
    assigned(steps, &mut set);
    let mut walk = Walk {
        vars: vars.clone(),
        set,
        keyboard,
        findings: Vec::new(),
    };
    walk.steps(steps);
    walk.findings
}

/// A way through the steps in their order, with the values that are known at each.
struct Walk {
    vars: Vars,
    /// The variables that some step sets.
    set: BTreeSet<String>,
    keyboard: Keyboard,
    findings: Vec<Diagnostic>,
}

impl Walk {
    fn steps(&mut self, steps: &[PlannedStep]) {
        for planned in steps {
            if planned.when().is_some() {
                // Nobody knows whether it runs.
                let mut names = BTreeSet::new();
                assigned(std::slice::from_ref(planned), &mut names);
                names.iter().for_each(|name| self.vars.forget(name));
                continue;
            }
            self.step(planned);
            self.steps(&planned.steps);
        }
    }

    fn step(&mut self, planned: &PlannedStep) {
        let action = &planned.step().action;
        let Ok(mut scope) = planned.scope(&self.vars) else {
            action
                .sets()
                .into_iter()
                .for_each(|name| self.vars.forget(name));
            return;
        };
        for name in &self.set {
            if self.vars.get(name).is_none() {
                scope.forget(name);
            }
        }
        self.findings
            .extend(untyped_in_step(action, &scope, self.keyboard));
        if let Action::Set(set) = action {
            self.set_vars(set, &scope);
        } else {
            // What the system says is known only then.
            action
                .sets()
                .into_iter()
                .for_each(|name| self.vars.forget(name));
        }
    }

    fn set_vars(&mut self, set: &Set<Written>, scope: &Vars) {
        let values: Vec<_> = set
            .vars
            .iter()
            .map(|(_, value)| value.render(scope))
            .collect();
        for ((name, written), value) in set.vars.iter().zip(values) {
            let value = match value {
                Ok(value) => value,
                Err(error) => {
                    self.vars.forget(name);
                    // Any other says that a value is known only when the step runs.
                    self.findings
                        .extend((error.code == Code::TooMuchText).then_some(error));
                    continue;
                }
            };
            if let Err(error) = self.vars.assign(name, value) {
                self.vars.forget(name);
                self.findings.push(
                    Diagnostic::new(Code::TooMuchText, written.at(), error.to_string())
                        .with_help(TooMuchHeld::HELP),
                );
            }
        }
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

//! The values of variables on the way through a scenario's steps, as far as they are known before anything runs, and
//! the mistakes that they make.

use crate::value::Render;
use std::collections::BTreeSet;

use super::untyped::untyped_in_step;
use crate::bounds::TooMuchHeld;
use crate::finding::{Code, Diagnostic};
use crate::keyboard::Keyboard;
use crate::plan::PlannedStep;
use crate::step::{Action, Set};
use crate::value::{Vars, Written};

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

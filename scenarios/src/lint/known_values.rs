//! Follows the values of variables through a scenario's steps, as far as they are known before it runs, and finds
//! mistakes in them.

use std::collections::BTreeSet;

use super::untyped::untyped_in_step;
use crate::bounds::VarsTooLong;
use crate::finding::{Code, Diagnostic};
use crate::keyboard::Keyboard;
use crate::plan::PlannedStep;
use crate::step::{Action, Set};
use crate::value::{Render, Vars, Written};

/// Finds mistakes in the values of steps, as far as they are known before the scenario runs: characters that the
/// keyboard cannot type, and variables that `set` makes too long. Leaves out steps with a `when` and the steps inside
/// them, because they may be meant for another keyboard.
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

/// Walks through the steps in their order, with the values that are known at each step.
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
                // It is not known whether the step runs.
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
            // The guest's answer is not known before the step runs.
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
                    // All other errors mean that a value is not known yet.
                    self.findings
                        .extend((error.code == Code::TooMuchText).then_some(error));
                    continue;
                }
            };
            if let Err(error) = self.vars.assign(name, value) {
                self.vars.forget(name);
                self.findings.push(
                    Diagnostic::new(Code::TooMuchText, written.at(), error.to_string())
                        .with_help(VarsTooLong::HELP),
                );
            }
        }
    }
}

/// Collects the variables that steps set while they run.
fn assigned(steps: &[PlannedStep], names: &mut BTreeSet<String>) {
    for planned in steps {
        names.extend(planned.step().action.sets().into_iter().map(str::to_owned));
        assigned(&planned.steps, names);
    }
}

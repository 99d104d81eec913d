//! The parts of a step.

use super::assigned::Assigned;
use super::hasher::KeyHasher;
use super::key_material::KeyMaterial;
use super::known::Scope;
use crate::plan::PlannedStep;
use crate::step::{ResetKind, Step};
use crate::value::Vars;

impl PlannedStep {
    /// Returns the parts of this step, and of the steps inside it, that a checkpoint depends on.
    ///
    /// `vars` are the values at the start of the stage. `assigned` has the variables that earlier steps of this and
    /// earlier stages may have set; the variables of this step are added to it.
    pub fn key_material(&self, vars: &Vars, assigned: &mut Assigned) -> KeyMaterial {
        // Must run before the step is fed: in a group's second try, the first step sees variables that the last one has
        // set.
        assigned.note(self);
        let mut hasher = KeyHasher::new();
        hasher.step(self, vars, assigned);
        hasher.finish()
    }
}

impl KeyHasher {
    fn step(&mut self, planned: &PlannedStep, vars: &Vars, assigned: &Assigned) {
        let Step {
            action,
            // `planned` has the steps with files and lists expanded.
            steps: _,
            within,
            when,
            title: _,
            resets,
            powers_off,
            at: _,
        } = planned.step();
        let scope = Scope {
            vars,
            assigned: assigned.names(),
            bound: planned.bound(),
        };
        self.action(action, scope);
        self.option(within.as_ref(), scope);
        self.maybe(when.as_ref(), |to, when| to.condition(when, scope));
        self.maybe(resets.as_ref(), |to, resets| {
            for kind in ResetKind::ALL {
                to.maybe(resets.of(kind), |to, count| to.number(count as usize));
            }
        });
        self.flag(*powers_off);
        self.number(planned.steps.len());
        for inner in &planned.steps {
            self.step(inner, vars, assigned);
        }
    }
}

use super::assigned::Assigned;
use super::hasher::KeyHasher;
use super::key_material::KeyMaterial;
use super::known::Scope;
use crate::plan::{Frame, PlannedStep};
use crate::step::{ResetKind, Step};
use crate::value::Vars;

impl PlannedStep {
    /// Returns what counts of this step and those inside it for the key of a checkpoint. `vars` are those its stage
    /// starts with; `assigned` are the variables that steps before may have set, in this stage and in those before it,
    /// and has those of this step too afterwards.
    pub fn key_material(&self, vars: &Vars, assigned: &mut Assigned) -> KeyMaterial {
        // Before the step itself is fed: on a group's second try, its first step sees what its last one has set.
        assigned.note(self);
        let mut canonical = KeyHasher::new();
        canonical.step(self, vars, assigned);
        canonical.finish()
    }
}

impl KeyHasher {
    fn step(&mut self, planned: &PlannedStep, vars: &Vars, assigned: &Assigned) {
        let Step {
            action,
            // Those of `planned`, before files and lists were put in.
            steps: _,
            within,
            when,
            title: _,
            resets,
            powers_off,
            at: _,
        } = planned.step();
        let frames: &[Frame] = planned.bound();
        let scope = Scope {
            vars,
            assigned: assigned.names(),
            frames,
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

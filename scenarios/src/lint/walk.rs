//! Walks through a scenario's steps and checks each of them.

use std::time::Duration;

use super::needle_index::NeedleIndex;
use super::untyped::untyped_in_step;
use super::values::{ValueCheck, check_point};
use super::{condition, echo, expected_panic, sleep};
use crate::condition::Condition;
use crate::finding::Diagnostic;
use crate::keyboard::Keyboard;
use crate::plan::{PlannedStep, no_time, watches};
use crate::project::Project;
use crate::scenario::Scenario;
use crate::step::{Action, Target};
use crate::value::{Text, Value, Vars, Visitor, Written};

pub(super) struct Walk<'a, 'n, 'w> {
    /// The keyboard, if it is known.
    pub(super) keyboard: Option<Keyboard>,
    /// True inside a step with a condition, which may be meant for another keyboard.
    pub(super) may_be_skipped: bool,
    /// The variables that exist before the step.
    pub(super) scope: Vars,
    pub(super) fixed: Vars,
    pub(super) needles: &'a mut NeedleIndex<'n>,
    pub(super) findings: Vec<Diagnostic>,
    /// The watches that a panic of the guest breaches.
    pub(super) watched_panics: Vec<&'w str>,
}

impl Walk<'_, '_, '_> {
    pub(super) fn watches(&mut self, project: Option<&Project>, scenario: &Scenario) {
        for watch in watches(project, scenario) {
            let mut check = ValueCheck {
                scope: &self.scope,
                fixed: &self.fixed,
                needles: self.needles,
                findings: &mut self.findings,
            };
            if let Err(finding) = watch.visit(&mut check) {
                self.findings.push(finding);
            }
            self.findings.extend(sleep::in_watch(&watch.kind));
        }
    }

    pub(super) fn steps(&mut self, steps: &[PlannedStep]) {
        for step in steps {
            self.step(step);
            let outer = self.may_be_skipped;
            self.may_be_skipped |= step.when().is_some();
            self.steps(&step.steps);
            self.may_be_skipped = outer;
            for name in step.step().action.sets() {
                self.scope.shadow(name, Value::Text(Text::default()));
            }
        }
    }

    fn step(&mut self, planned: &PlannedStep) {
        let scope = match planned.scope(&self.scope) {
            Ok(scope) => scope,
            // Every step inside has the same finding. Sorting removes the repetitions.
            Err(finding) => return self.findings.push(finding),
        };
        // If a bound variable has no known value, all values count as unknown: the variable may hide an outer one.
        let fixed = planned.scope(&self.fixed).unwrap_or_default();
        let step = planned.step();
        let mut check = ValueCheck {
            scope: &scope,
            fixed: &fixed,
            needles: self.needles,
            findings: &mut self.findings,
        };
        let visited = step
            .action
            .visit(&mut check)
            .map(|_| ())
            .and_then(|()| check.option(&step.title).map(|_| ()))
            .and_then(|()| check.option(&step.within).map(|_| ()));
        self.findings.extend(visited.err());
        if let Some(within) = &step.within
            && within.ready().is_some_and(Duration::is_zero)
        {
            self.findings.push(no_time(within.at()));
        }
        for when in step.when.iter().chain(asserted(&step.action)) {
            condition::check(when, &scope, self.needles, &mut self.findings);
        }
        for target in targets(&step.action) {
            if let Target::Needle {
                needle,
                point: Some(point),
            } = target
            {
                for tags in &needle.any_of {
                    let findings = check_point(self.needles, tags, point, &fixed);
                    self.findings.extend(findings);
                }
            }
        }
        if let Some(keyboard) = self.keyboard
            && !self.may_be_skipped
            && step.when.is_none()
        {
            let untyped = untyped_in_step(&step.action, &fixed, keyboard);
            self.findings.extend(untyped);
        }
        self.findings.extend(sleep::in_step(&step.action));
        self.findings.extend(echo::in_step(&step.action));
        let panic = expected_panic::in_step(step, &self.watched_panics);
        self.findings.extend(panic);
    }
}

fn asserted(action: &Action<Written>) -> Option<&Condition> {
    match action {
        Action::Assert(assert) => Some(&assert.that),
        _ => None,
    }
}

fn targets(action: &Action<Written>) -> Vec<&Target<Written>> {
    match action {
        Action::Click(click) => vec![&click.target],
        Action::Move(to) => vec![&to.target],
        Action::Drag(drag) => vec![&drag.from, &drag.to],
        Action::Scroll(scroll) => scroll.target.iter().collect(),
        _ => Vec::new(),
    }
}

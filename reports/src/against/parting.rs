//! Finds the step at which two attempts part.

use std::collections::HashMap;

use crate::run::{Attempt, Stage, StageEntry, Step};

/// The first step that ended differently in two attempts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parting<'r> {
    /// Name of the scenario that the step is written in.
    pub stage: &'r str,
    /// The step now.
    pub now: &'r Step,
    /// The same step then; none if that attempt had no such step.
    pub then: Option<&'r Step>,
}

impl<'r> Parting<'r> {
    /// Returns the first step whose outcome differs from that of its counterpart. If there is none, it is the step that
    /// decided the verdict, which has no counterpart then.
    pub(super) fn of(now: &'r Attempt, then: &'r Attempt) -> Option<Self> {
        let counterparts = Counterparts::of(then);
        let mut pairs = steps(now).map(|(stage, step)| Self {
            stage: &stage.name,
            now: step,
            then: counterparts.find(stage, step),
        });
        let differs = |pair: &Self| {
            let then = pair.then.map(|then| then.outcome);
            !pair.now.is_group && then.is_some_and(|then| then != pair.now.outcome)
        };
        let decisive = now.decisive_step();
        let decides =
            |pair: &Self| decisive.is_some_and(|decisive| std::ptr::eq(decisive, pair.now));
        pairs.find(|pair| differs(pair) || decides(pair))
    }
}

/// The steps of an attempt, to be found by those of another one.
pub(super) struct Counterparts<'r>(HashMap<(&'r str, &'r str), &'r Step>);

impl<'r> Counterparts<'r> {
    /// Takes the steps of an attempt. Of a step that a retry ran again, the last one counts.
    pub(super) fn of(attempt: &'r Attempt) -> Self {
        let steps = steps(attempt);
        Self(
            steps
                .map(|(stage, step)| ((stage.name.as_str(), step.id.as_str()), step))
                .collect(),
        )
    }

    /// Returns the step at the same place; none if there is none, or if it does something else.
    pub(super) fn find(&self, stage: &Stage, step: &Step) -> Option<&'r Step> {
        let then = self
            .0
            .get(&(stage.name.as_str(), step.id.as_str()))
            .copied()?;
        (then.text == step.text).then_some(then)
    }
}

/// Returns the steps of an attempt, each with its stage, in the order in which they began.
pub(super) fn steps(attempt: &Attempt) -> impl Iterator<Item = (&Stage, &Step)> {
    attempt.stages.iter().flat_map(|stage| {
        stage.entries.iter().filter_map(move |entry| match entry {
            StageEntry::Step(step) => Some((stage, step.as_ref())),
            StageEntry::Remark { .. } => None,
        })
    })
}

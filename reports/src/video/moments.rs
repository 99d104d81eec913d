//! The moments of an attempt at which something changes.

use std::collections::BTreeMap;

use super::view::{View, ended, shown_until};

/// The most changes of the screen that a video shows. A film has fewer; a log may come from anywhere.
const MOST_SHOTS: usize = 5_000;

/// A moment at which something changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Milliseconds from the beginning of the run.
    pub(super) at_ms: u64,
    /// True if a step or an input begins or ends; false if only the screen changes.
    pub(super) is_beat: bool,
}

/// Returns the moments in order, each time once. The first is the beginning of the attempt, the last its end.
pub(super) fn moments(view: &View<'_>) -> Vec<Moment> {
    let every = view.shots.len().div_ceil(MOST_SHOTS).max(1);
    let shots = view.shots.iter().step_by(every);
    let shots = shots.map(|shot| (shot.shown_ms, false));
    let steps = view.steps.iter();
    let steps = steps.flat_map(|step| [step.started_ms, ended(step)]);
    let inputs = view.inputs.iter();
    let inputs = inputs.flat_map(|input| [input.done_ms, shown_until(input)]);
    let beats = [view.from_ms, view.to_ms].into_iter();
    let beats = beats.chain(steps).chain(inputs).map(|at| (at, true));
    let mut moments: BTreeMap<u64, bool> = BTreeMap::new();
    for (at_ms, is_beat) in shots.chain(beats) {
        if (view.from_ms..=view.to_ms).contains(&at_ms) {
            *moments.entry(at_ms).or_default() |= is_beat;
        }
    }
    let moments = moments.into_iter();
    moments
        .map(|(at_ms, is_beat)| Moment { at_ms, is_beat })
        .collect()
}

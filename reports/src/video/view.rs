//! The screen, the step and the inputs at a moment of an attempt.

use super::scene::{Caption, Point, Scene, Screen};
use crate::duration::human_duration;
use crate::log::StepOutcome;
use crate::plain_text::plain_line;
use crate::run::{Attempt, InputMark, Shot, Step};
use crate::words::on_machine;

/// The time for which an input is shown, in milliseconds.
const SHOWN_MS: u64 = 900;

/// An attempt as one machine's screen showed it.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) from_ms: u64,
    pub(super) to_ms: u64,
    /// By time.
    pub(super) shots: Vec<Shot>,
    /// By time.
    pub(super) inputs: Vec<&'a InputMark>,
    /// In the order in which they began, without groups.
    pub(super) steps: Vec<&'a Step>,
}

impl<'a> View<'a> {
    pub(super) fn of(attempt: &'a Attempt, shots: Vec<Shot>, machine: Option<&str>) -> Self {
        let own = |input: &&InputMark| input.machine.as_deref() == machine;
        let mut inputs: Vec<_> = attempt.inputs.iter().filter(own).collect();
        inputs.sort_by_key(|input| input.done_ms);
        let mut steps: Vec<_> = attempt.steps().filter(|step| !step.is_group).collect();
        steps.sort_by_key(|step| step.started_ms);
        Self {
            from_ms: attempt.started_ms,
            to_ms: attempt.started_ms.saturating_add(attempt.duration_ms),
            shots,
            inputs,
            steps,
        }
    }

    /// Returns the scene of this moment, which takes no time yet. `at_ms` counts from the beginning of the run.
    pub(super) fn scene_at(&self, at_ms: u64) -> Scene {
        let input = self.input_at(at_ms);
        Scene {
            ms: 0,
            screen: self.screen_at(at_ms),
            caption: self.caption_at(at_ms),
            input: input.map(what),
            point: input
                .and_then(|input| input.at)
                .map(|[x, y]| Point { x, y }),
            later: None,
            clock: clock(at_ms.saturating_sub(self.from_ms)),
        }
    }

    fn screen_at(&self, at_ms: u64) -> Screen {
        let after = self.shots.partition_point(|shot| shot.shown_ms <= at_ms);
        match after.checked_sub(1).map(|place| &self.shots[place].picture) {
            Some(Some(picture)) => Screen::Picture(picture.clone()),
            Some(None) => Screen::Off,
            None => Screen::Nothing,
        }
    }

    fn input_at(&self, at_ms: u64) -> Option<&InputMark> {
        let after = self.inputs.partition_point(|of| of.done_ms <= at_ms);
        let last = self.inputs[..after].last()?;
        (at_ms < shown_until(last)).then_some(*last)
    }

    /// Returns the innermost step that goes on. Between steps, it is the one that ended last.
    fn caption_at(&self, at_ms: u64) -> Caption {
        let begun = self.steps.partition_point(|of| of.started_ms <= at_ms);
        let begun = &self.steps[..begun];
        if let Some(step) = begun.iter().rev().find(|step| ended(step) > at_ms) {
            return Caption::Goes(text(step));
        }
        let last = begun.iter().rev().max_by_key(|step| ended(step));
        match last {
            Some(step) => of_ended(step),
            None => Caption::Other(String::new()),
        }
    }
}

/// Returns the time at which a step ended, in milliseconds from the beginning of the run.
pub(super) fn ended(step: &Step) -> u64 {
    step.started_ms.saturating_add(step.duration_ms)
}

/// Returns the time until which an input is shown, likewise.
pub(super) fn shown_until(input: &InputMark) -> u64 {
    input.done_ms.saturating_add(SHOWN_MS)
}

/// Returns a time in whole seconds, for people.
fn clock(ms: u64) -> String {
    match ms / 1000 {
        0 => "0s".to_owned(),
        seconds => human_duration(seconds * 1000),
    }
}

fn what(input: &InputMark) -> String {
    let what = plain_line(&input.what);
    match input.times {
        0 | 1 => what,
        times => format!("{what} ({times} times)"),
    }
}

fn text(step: &Step) -> String {
    let text = on_machine(step.machine.as_deref(), &step.text);
    plain_line(&format!("{} {text}", step.id))
}

fn of_ended(step: &Step) -> Caption {
    let word = step.outcome.map_or("interrupted", StepOutcome::word);
    let text = format!("{}: {word}", text(step));
    match step.outcome {
        Some(StepOutcome::Passed) => Caption::Held(text),
        Some(StepOutcome::Failed | StepOutcome::Error) | None => Caption::Broke(text),
        Some(StepOutcome::Forgiven | StepOutcome::Skipped | StepOutcome::Cancelled) => {
            Caption::Other(text)
        }
    }
}

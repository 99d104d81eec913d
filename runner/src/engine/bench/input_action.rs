//! Keyboard and pointer actions in the event log: the action, its place, and the first change of the screen after it.

use reports::{Event, FrameChange};
use vm::Arrival;

use crate::engine::bench::Bench;
use crate::engine::diagnosis::LastAction;
use crate::millis::millis;

/// The longest text of an action in the log, in characters; longer ones are cut.
const LONGEST: usize = 100;

/// An action with keyboard or pointer that is not in the event log yet.
#[derive(Debug)]
pub(super) struct InputAction {
    /// The action as people write it; secrets are masked.
    what: String,
    /// The pixel that the pointer was moved to.
    at: Option<[u32; 2]>,
    /// The number of the step.
    step: String,
    /// The number of times that the same action was done in a row without a change of the screen.
    times: u32,
    /// The time of the first of these actions, in milliseconds since the run began.
    done_ms: u64,
    /// The arrival of the input in the guest; none for the pointer, which does not tell.
    arrival: Option<Arrival>,
}

impl Bench<'_> {
    /// Notes an action that is about to be done, and records the one before it. An action that is repeated while the
    /// screen stays the same is counted instead.
    pub(in crate::engine) fn note_action(&mut self, what: &str, at: Option<[u32; 2]>) {
        let mut text: String = what.chars().take(LONGEST).collect();
        if text.len() < what.len() {
            text.push_str(" ...");
        }
        let has_changed =
            (self.session.as_ref()).is_some_and(|session| session.first_change().is_some());
        if let Some(last) = &mut self.last_action
            && !has_changed
            && (&last.what, last.at, &last.step) == (&text, at, &self.at_step)
        {
            last.times += 1;
            return;
        }
        self.record_input();
        self.last_action = Some(InputAction {
            what: text,
            at,
            times: 1,
            step: self.at_step.clone(),
            done_ms: self.recorder.elapsed_ms(),
            arrival: None,
        });
    }

    /// Notes how far the last action came on its way to the guest.
    pub(in crate::engine) fn note_arrival(&mut self, arrival: Arrival) {
        if let Some(action) = &mut self.last_action {
            action.arrival = Some(arrival);
        }
    }

    /// Returns the last action, as far as it tells something about the screen.
    pub(in crate::engine) fn last_action(&self) -> Option<LastAction<'_>> {
        let action = self.last_action.as_ref()?;
        let session = self.session.as_ref()?;
        Some(LastAction {
            what: &action.what,
            at: action.at,
            ago_ms: self.recorder.elapsed_ms().saturating_sub(action.done_ms),
            has_changed: session.first_change().is_some(),
        })
    }

    /// Records the last action if the screen has changed since.
    pub(in crate::engine) fn record_screen_change(&mut self) {
        let changed = self
            .session
            .as_ref()
            .and_then(|session| session.first_change());
        if changed.is_some() {
            self.record_input();
        }
    }

    /// Records the last action, with the first change of the screen after it.
    pub(in crate::engine) fn record_input(&mut self) {
        let Some(action) = self.last_action.take() else {
            return;
        };
        let session = self.session.as_ref();
        let changed = session.and_then(|session| session.first_change());
        self.recorder.record(Event::Input {
            step: action.step,
            what: action.what,
            at: action.at,
            times: action.times,
            done_ms: action.done_ms,
            arrival: action.arrival.map(|arrival| match arrival {
                Arrival::Taken => reports::Arrival::Taken,
                Arrival::Waiting => reports::Arrival::Waiting,
                Arrival::Unknown => reports::Arrival::Unknown,
            }),
            before: session.and_then(|session| session.frame_before_input()),
            change: changed.map(|(frame, after)| FrameChange {
                frame,
                after_ms: millis(after),
            }),
        });
    }
}

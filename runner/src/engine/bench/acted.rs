//! The actions of steps with keyboard and pointer, for the event log: the action, its place, and the first
//! change of the screen after it.

use reports::{Event, FrameChange};
use vm::Arrival;

use crate::engine::bench::Bench;
use crate::millis::millis;

/// Longer texts are cut in the log.
const LONGEST: usize = 100;

/// Something that was done with keyboard or pointer.
#[derive(Debug)]
pub(super) struct Acted {
    /// As people write it, secrets masked.
    what: String,
    /// The pixel that was pointed at.
    at: Option<[u32; 2]>,
    /// The step that did it.
    step: String,
    /// The number of times that it was done, one after the other, with no change of the screen.
    times: u32,
    /// The time at which it was done first, in milliseconds since the run began.
    done_ms: u64,
    /// How far it got on its way to the guest; none where that cannot be known, as for the pointer.
    arrival: Option<Arrival>,
}

impl Bench<'_> {
    /// Notes what is about to be done. What was done before is told now.
    pub(in crate::engine) fn acts(&mut self, what: &str, at: Option<[u32; 2]>) {
        let mut text: String = what.chars().take(LONGEST).collect();
        if text.len() < what.len() {
            text.push_str(" ...");
        }
        let has_changed =
            (self.session.as_ref()).is_some_and(|session| session.first_change().is_some());
        if let Some(last) = &mut self.acted
            && !has_changed
            && (&last.what, last.at, &last.step) == (&text, at, &self.at_step)
        {
            last.times += 1;
            return;
        }
        self.tell_input();
        self.acted = Some(Acted {
            what: text,
            at,
            times: 1,
            step: self.at_step.clone(),
            done_ms: self.recorder.elapsed_ms(),
            arrival: None,
        });
    }

    /// Notes how far what was done has come.
    pub(in crate::engine) fn arrived(&mut self, arrival: Arrival) {
        if let Some(acted) = &mut self.acted {
            acted.arrival = Some(arrival);
        }
    }

    /// Tells what was done last if the screen has changed since.
    pub(in crate::engine) fn tell_change(&mut self) {
        let changed = self
            .session
            .as_ref()
            .and_then(|session| session.first_change());
        if changed.is_some() {
            self.tell_input();
        }
    }

    /// Tells what was done last.
    pub(in crate::engine) fn tell_input(&mut self) {
        let Some(acted) = self.acted.take() else {
            return;
        };
        let session = self.session.as_ref();
        let changed = session.and_then(|session| session.first_change());
        self.recorder.record(Event::Input {
            step: acted.step,
            what: acted.what,
            at: acted.at,
            times: acted.times,
            done_ms: acted.done_ms,
            arrival: acted.arrival.map(|arrival| match arrival {
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

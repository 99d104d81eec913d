//! Steps during which the serial line was lost: text that did not come proves nothing.

use super::Session;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

impl Session {
    /// Turns the failure of a step that waited for text of the serial line into an error, if the line was lost during
    /// the wait: the text may have come.
    pub(in crate::engine) fn unless_unheard(&self, stop: Stop, wait: &Wait) -> Stop {
        match self.machine.serial_gap(wait.began()) {
            None => stop,
            Some(why) => stop.because(&why).unobserved().hint(
                "look at the host that has the serial line, and at `board.log`; then run again",
            ),
        }
    }
}

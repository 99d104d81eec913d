//! Steps during which the serial line or the power could not be observed: what did not come proves nothing.

use reports::CauseKind;

use super::Session;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

/// The advice after a step that nothing could observe.
const ADVICE: &str =
    "look at the host that has the serial line, and at `board.log`; then run again";

impl Session {
    /// Turns the failure of a step that waited for text of the serial line into an error, if the line was lost during
    /// the wait: the text may have come.
    pub(in crate::engine) fn unless_unheard(&self, stop: Stop, wait: &Wait) -> Stop {
        match self.machine.serial_gap(wait.began()) {
            None => stop,
            Some(why) => stop.because(&why).unobserved().hint(ADVICE),
        }
    }

    /// Does the same for a step that waited for a restart or a power-off, also if the power could not be asked.
    pub(in crate::engine) fn unless_unnoticed(&self, stop: Stop, wait: &Wait) -> Stop {
        match self.machine.power_gap(wait.began()) {
            None => self.unless_unheard(stop, wait),
            Some(why) => stop.because(&why).unobserved().hint(
                "look at the source of the board's power, and at `board.log`; then run again",
            ),
        }
    }

    /// Succeeds if the serial line was open during a wait in which a text did not come.
    ///
    /// # Errors
    /// It was lost: the text may have come.
    pub(in crate::engine) fn heard(&self, wait: &Wait) -> Result<(), Stop> {
        match self.machine.serial_gap(wait.began()) {
            None => Ok(()),
            Some(why) => Err(Stop::error(
                CauseKind::Harness,
                format!("nobody knows what the serial console said: {why}"),
            )
            .hint(ADVICE)),
        }
    }
}

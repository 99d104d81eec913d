//! The power of a scripted machine.

use super::guest::{Deed, Gone, Guest};
use crate::machine::{ControlError, ControlErrorKind, RunState};

/// The power of a scripted machine. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct ScriptedPower(Guest);

impl ScriptedPower {
    pub(super) fn new(guest: Guest) -> Self {
        Self(guest)
    }

    pub(crate) async fn press_button(&self) -> Result<(), ControlError> {
        self.suffers(Deed::PowerButton)
    }

    pub(crate) async fn reset(&self) -> Result<(), ControlError> {
        self.suffers(Deed::Reset)
    }

    pub(crate) async fn on(&self) -> Result<(), ControlError> {
        self.suffers(Deed::SwitchOn)
    }

    pub(crate) async fn stop(&self) -> Result<(), ControlError> {
        self.0.set_run_state(RunState::Paused);
        Ok(())
    }

    pub(crate) async fn cont(&self) -> Result<(), ControlError> {
        self.0.set_run_state(RunState::Running);
        Ok(())
    }

    pub(crate) async fn status(&self) -> Result<RunState, ControlError> {
        Ok(self.0.run_state())
    }

    fn suffers(&self, deed: Deed) -> Result<(), ControlError> {
        self.0.suffers(deed).map_err(|Gone| ControlError {
            kind: ControlErrorKind::Gone,
            words: "the scripted machine has ended".to_owned(),
        })
    }
}

//! The power of a scripted machine.

use super::{
    guest::Guest,
    request::{Gone, IsOff, PowerRequest},
};
use crate::machine::{ControlError, ControlErrorKind, RunState};

/// The power of a scripted machine. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct ScriptedPower(Guest);

impl ScriptedPower {
    pub(super) fn new(guest: Guest) -> Self {
        Self(guest)
    }

    pub(crate) async fn press_button(&self) -> Result<(), ControlError> {
        self.operate(PowerRequest::PressButton).await
    }

    pub(crate) async fn reset(&self) -> Result<(), ControlError> {
        self.operate(PowerRequest::Reset).await
    }

    pub(crate) async fn on(&self) -> Result<(), ControlError> {
        self.operate(PowerRequest::SwitchOn).await
    }

    pub(crate) async fn stop(&self) -> Result<(), ControlError> {
        self.operate(PowerRequest::Pause).await
    }

    pub(crate) async fn cont(&self) -> Result<(), ControlError> {
        self.operate(PowerRequest::Resume).await
    }

    pub(crate) async fn status(&self) -> Result<RunState, ControlError> {
        self.0.run_state().map_err(gone)
    }

    async fn operate(&self, request: PowerRequest) -> Result<(), ControlError> {
        let answer = self.0.operate(request).await.map_err(gone)?;
        answer.map_err(|IsOff| ControlError {
            kind: ControlErrorKind::Refused,
            words: "the scripted machine is off; switch it on instead".to_owned(),
        })
    }
}

fn gone(_: Gone) -> ControlError {
    ControlError {
        kind: ControlErrorKind::Gone,
        words: "the scripted machine has ended".to_owned(),
    }
}

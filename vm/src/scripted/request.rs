//! The requests to a scripted machine, from its handles.

use tokio::sync::oneshot;

use crate::{agent::ShutdownMode, input::InputEvent};

/// A request to a scripted machine.
#[derive(Debug)]
pub(super) enum Request {
    /// An input device does something.
    Input(InputEvent),
    /// The agent is asked to shut down or restart the guest.
    Shutdown(ShutdownMode),
    /// The power is operated. The answer comes when that is done.
    Power(PowerRequest, oneshot::Sender<Result<(), IsOff>>),
}

/// An operation on the power.
#[derive(Debug, Clone, Copy)]
pub(super) enum PowerRequest {
    PressButton,
    Reset,
    SwitchOn,
    Pause,
    Resume,
}

/// The request is refused, since the machine is off.
#[derive(Debug, Clone, Copy)]
pub(super) struct IsOff;

/// The machine has ended.
#[derive(Debug)]
pub(super) struct Gone;

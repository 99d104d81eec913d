//! The guest of a scripted machine, as its handles see it.
//!
//! ```text
//! input, agent, power --Request--> queue --> task --effects, one after the other--> state, events, serial line
//! ```

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, oneshot};

use super::{
    ScriptedPicture,
    request::{Gone, IsOff, PowerRequest, Request},
};
use crate::{CaptureError, RunState};

/// The guest, as its handles see it. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Guest {
    requests: mpsc::UnboundedSender<Request>,
    state: Arc<Mutex<GuestState>>,
    // The picture that was given out last.
    held: Option<ScriptedPicture>,
}

/// The state of the guest, which its task changes.
#[derive(Debug)]
pub(super) struct GuestState {
    /// The picture on the screen.
    pub(super) picture: Result<ScriptedPicture, CaptureError>,
    /// The state of the machine, without a pause.
    pub(super) run: RunState,
    /// True if the machine stands still on request.
    pub(super) is_paused: bool,
}

impl GuestState {
    /// The state of a machine that has just started.
    pub(super) fn at_start() -> Self {
        Self {
            picture: Err(no_picture("nothing is shown yet")),
            run: RunState::Running,
            is_paused: false,
        }
    }
}

impl Guest {
    pub(super) fn new(
        requests: mpsc::UnboundedSender<Request>,
        state: Arc<Mutex<GuestState>>,
    ) -> Self {
        Self {
            requests,
            state,
            held: None,
        }
    }

    /// Sends a request that has no answer.
    pub(super) fn request(&self, request: Request) -> Result<(), Gone> {
        self.requests.send(request).map_err(|_| Gone)
    }

    /// Operates the power, and waits until that is done.
    pub(super) async fn operate(&self, request: PowerRequest) -> Result<Result<(), IsOff>, Gone> {
        let (answer, answered) = oneshot::channel();
        self.request(Request::Power(request, answer))?;
        answered.await.map_err(|_| Gone)
    }

    /// Returns what the machine does.
    pub(super) fn run_state(&self) -> Result<RunState, Gone> {
        if self.requests.is_closed() {
            return Err(Gone);
        }
        let state = lock(&self.state);
        match state.is_paused {
            true if state.run == RunState::Running => Ok(RunState::Paused),
            true | false => Ok(state.run.clone()),
        }
    }

    /// Returns the picture that it shows now.
    pub(super) fn picture(&self) -> Result<ScriptedPicture, CaptureError> {
        if self.requests.is_closed() {
            return Err(CaptureError::Gone);
        }
        lock(&self.state).picture.clone()
    }

    /// Keeps a picture while its pixels are borrowed.
    pub(super) fn hold(&mut self, picture: ScriptedPicture) -> &ScriptedPicture {
        self.held.insert(picture)
    }
}

/// Returns the error of a screen without a picture.
pub(super) fn no_picture(reason: &str) -> CaptureError {
    CaptureError::Refused {
        reason: reason.to_owned(),
    }
}

/// Locks a mutex whose holders change it in one step, so that a panic cannot leave it half changed.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

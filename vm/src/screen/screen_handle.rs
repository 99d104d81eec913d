//! The handle of a screen, and what is known of it.

use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

use super::{Frame, Placeholder, capture::FrameRequest};

/// The screen of a running machine. Cheap to clone.
///
/// A task captures it, quickly for a second after any input or change, ever slower while nothing happens, and
/// publishes the frames that differ.
#[derive(Debug, Clone)]
pub struct Screen {
    state: watch::Receiver<ScreenState>,
    checked: watch::Receiver<Option<Instant>>,
    requests: mpsc::Sender<FrameRequest>,
}

/// What is known of a screen.
#[derive(Debug, Clone)]
pub enum ScreenState {
    /// No capture has ended yet.
    Starting,
    /// The screen shows this.
    Shown(Frame),
    /// It cannot be captured now; captures go on.
    Unavailable {
        /// Why.
        reason: CaptureError,
        /// The last frame there was.
        last: Option<Frame>,
    },
}

/// Why there is no frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaptureError {
    /// The machine has no graphics device.
    #[error("the machine has no screen")]
    NoScreen,
    /// There is no picture at the moment, for instance because the guest switched the display off.
    #[error("the screen cannot be captured: {reason}")]
    Refused {
        /// The backend's reason.
        reason: String,
    },
    /// The backend drew a picture of its own, because there is none of the guest.
    #[error("there is no picture of the guest, but QEMU's own \"{}\": {}", .0.sentence(), .0.meaning())]
    Placeholder(Placeholder),
    /// The picture cannot be read.
    #[error("the captured picture cannot be read: {reason}")]
    Unreadable {
        /// What is wrong with it.
        reason: String,
    },
    /// The picture did not come in time.
    #[error(
        "the screen was not captured within {seconds} s: QEMU is stuck or the host is overloaded"
    )]
    TimedOut {
        /// The limit.
        seconds: u64,
    },
    /// The machine ended.
    #[error("the machine has ended")]
    Gone,
}

impl ScreenState {
    /// The newest frame there is.
    #[must_use]
    pub fn frame(&self) -> Option<&Frame> {
        match self {
            Self::Starting => None,
            Self::Shown(frame) => Some(frame),
            Self::Unavailable { last, .. } => last.as_ref(),
        }
    }
}

impl Screen {
    /// The screen of a machine without one.
    pub(crate) fn none() -> Self {
        let (requests, _) = mpsc::channel(1);
        let (_, state) = watch::channel(ScreenState::Unavailable {
            reason: CaptureError::NoScreen,
            last: None,
        });
        let (_, checked) = watch::channel(None);
        Self::new(state, checked, requests)
    }

    pub(super) fn new(
        state: watch::Receiver<ScreenState>,
        checked: watch::Receiver<Option<Instant>>,
        requests: mpsc::Sender<FrameRequest>,
    ) -> Self {
        Self {
            state,
            checked,
            requests,
        }
    }

    /// The state as it changes. A state is published when it differs from the one before: a frame with other pixels, or
    /// captures that begin to fail. The channel closes when the machine ends.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<ScreenState> {
        self.state.clone()
    }

    /// The state now.
    #[must_use]
    pub fn state(&self) -> ScreenState {
        self.state.borrow().clone()
    }

    /// A frame whose capture began after this call.
    ///
    /// # Errors
    /// See [`CaptureError`].
    pub async fn now(&self) -> Result<Frame, CaptureError> {
        let (request, answer) = oneshot::channel();
        // Without a screen there is no task, so the queue is closed as it is after the machine's end.
        let closed = || match &*self.state.borrow() {
            ScreenState::Unavailable {
                reason: CaptureError::NoScreen,
                ..
            } => CaptureError::NoScreen,
            _ => CaptureError::Gone,
        };
        self.requests.send(request).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Returns the time at which the newest capture that succeeded began: the screen was last seen to be as
    /// [`state`](Self::state) says then.
    #[must_use]
    pub fn last_checked(&self) -> Option<Instant> {
        *self.checked.borrow()
    }
}

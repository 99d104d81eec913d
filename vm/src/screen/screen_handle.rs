//! The handle of a screen, and the state of the screen.

use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

use super::{Frame, Placeholder, capture::FrameRequest};
use crate::machine::Lack;

/// The screen of a running machine. Cheap to clone.
///
/// A task captures the screen and publishes the frames that differ. It captures quickly for a second after any input or
/// change, and ever slower while nothing happens.
#[derive(Debug, Clone)]
pub struct Screen {
    state: watch::Receiver<ScreenState>,
    checked: watch::Receiver<Option<Instant>>,
    requests: mpsc::Sender<FrameRequest>,
}

/// The state of a screen.
#[derive(Debug, Clone)]
pub enum ScreenState {
    /// No capture has ended yet.
    Starting,
    /// The screen shows this frame.
    Shown(Frame),
    /// The screen cannot be captured now. Captures go on.
    Unavailable {
        /// The reason.
        reason: CaptureError,
        /// The last frame, if there was one.
        last: Option<Frame>,
    },
}

/// The reason why there is no frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaptureError {
    /// The machine has no screen.
    #[error(transparent)]
    Lacking(Lack),
    /// There is no picture now, for instance because the guest has switched the display off.
    #[error("the screen cannot be captured: {reason}")]
    Refused {
        /// The backend's reason.
        reason: String,
    },
    /// The backend drew a picture of its own, since the guest shows none.
    #[error("there is no picture of the guest, but QEMU's own \"{}\": {}", .0.sentence(), .0.meaning())]
    Placeholder(Placeholder),
    /// The source of the pictures is broken. That says nothing about the guest.
    #[error("{reason}")]
    Broken {
        /// The message, with the name of the source.
        reason: String,
        /// The next thing to do.
        advice: Option<String>,
    },
    /// The picture cannot be read.
    #[error("the captured picture cannot be read: {reason}")]
    Unreadable {
        /// The fault.
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
    /// Returns the newest frame.
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
    /// Returns the screen of a machine without one.
    pub(crate) fn absent(lack: Lack) -> Self {
        let (requests, _) = mpsc::channel(1);
        let (_, state) = watch::channel(ScreenState::Unavailable {
            reason: CaptureError::Lacking(lack),
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

    /// Returns a receiver of the state. A state is published when it differs from the one before: a frame with other
    /// pixels, or captures that begin to fail. The channel closes when the machine ends.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<ScreenState> {
        self.state.clone()
    }

    /// Returns the state now.
    #[must_use]
    pub fn state(&self) -> ScreenState {
        self.state.borrow().clone()
    }

    /// Returns a frame whose capture began after this call.
    ///
    /// # Errors
    /// See [`CaptureError`].
    pub async fn now(&self) -> Result<Frame, CaptureError> {
        let (request, answer) = oneshot::channel();
        // Without a screen there is no task, so the queue is closed, as after the machine's end.
        let closed = || match &*self.state.borrow() {
            ScreenState::Unavailable {
                reason: CaptureError::Lacking(lack),
                ..
            } => CaptureError::Lacking(*lack),
            _ => CaptureError::Gone,
        };
        self.requests.send(request).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Returns the time at which the newest successful capture began. At that time the screen was as
    /// [`state`](Self::state) says.
    #[must_use]
    pub fn last_checked(&self) -> Option<Instant> {
        *self.checked.borrow()
    }
}

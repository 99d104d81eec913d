//! The frames of the screen that a wait looks at, one after the other.

use tokio::time::Instant;

use super::Session;
use crate::engine::screen_frame::ScreenFrame;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

/// The time until which a wait looks at the screen.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) enum LookTime<'w> {
    /// Until the deadline of a step. A verdict may depend on it, so the machine must have run until then.
    Step(&'w Wait),
    /// Until this moment. For a wait inside a step on which no verdict depends.
    Moment(Instant),
}

impl LookTime<'_> {
    fn is_over(self) -> bool {
        match self {
            Self::Step(wait) => wait.is_over(),
            Self::Moment(moment) => Instant::now() >= moment,
        }
    }

    fn deadline(self) -> Instant {
        match self {
            Self::Step(wait) => wait.deadline(),
            Self::Moment(moment) => moment,
        }
    }
}

/// The frames that a wait looks at, one after the other.
///
/// The first frame is captured when the wait begins, because an older one may show the screen before the last input.
/// The last frame is captured when the time is over, because a busy host may have stopped this program for a while.
#[derive(Debug)]
pub(in crate::engine) struct Frames<'w> {
    time: LookTime<'w>,
    next: Next,
    is_fresh: bool,
    is_over: bool,
}

/// The source of the next frame.
#[derive(Debug)]
enum Next {
    /// A frame that is captured now.
    Fresh,
    /// The frame on the screen when the session wakes up, at this moment at the latest.
    Wake(Instant),
}

impl<'w> Frames<'w> {
    /// Begins to look: the first frame is captured for this wait.
    pub(in crate::engine) fn new(time: LookTime<'w>) -> Self {
        Self {
            next: Next::Fresh,
            is_fresh: false,
            is_over: time.is_over(),
            time,
        }
    }

    /// Waits for the next frame and returns it; none while the screen cannot be captured.
    ///
    /// # Errors
    /// As [`Session::wake`].
    pub(in crate::engine) async fn next(
        &mut self,
        session: &mut Session,
    ) -> Result<Option<ScreenFrame>, Stop> {
        self.is_fresh = match self.next {
            Next::Fresh => true,
            Next::Wake(moment) => {
                session.wake(Some(moment.min(self.time.deadline()))).await?;
                // Asked before the frame is taken: a frame from before the deadline does not show the screen at it.
                self.is_over = self.time.is_over();
                self.is_over
            }
        };
        self.next = Next::Wake(self.time.deadline());
        match self.is_fresh {
            true => session.fresh().await,
            false => Ok(session.showing()),
        }
    }

    /// Makes the next frame come at this moment at the latest, even if nothing happens.
    pub(in crate::engine) fn wake_at(&mut self, moment: Instant) {
        self.next = Next::Wake(moment);
    }

    /// Makes the next frame one that is captured for this wait.
    pub(in crate::engine) fn capture_next(&mut self) {
        self.next = Next::Fresh;
    }

    /// Returns whether the last frame was captured for this wait, when it was asked for.
    pub(in crate::engine) fn is_fresh(&self) -> bool {
        self.is_fresh
    }

    /// Returns whether the time was over before the last frame was taken.
    pub(in crate::engine) fn is_over(&self) -> bool {
        self.is_over
    }
}

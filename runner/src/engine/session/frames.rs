//! The frames that a wait looks at.

use tokio::time::Instant;

use super::Session;
use crate::engine::shown::Shown;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

/// How long a wait looks at the screen.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) enum LookTime<'w> {
    /// Until the deadline of a step: a verdict may depend on it, so the machine must have run until then.
    Step(&'w Wait),
    /// Until this moment, for a wait inside a step that no verdict depends on.
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
/// The first one is captured when the wait begins: what was on the screen before the last input does not count. The
/// last one is captured when the time is over: on a host that starves this program, nobody may have looked for a while.
#[derive(Debug)]
pub(in crate::engine) struct Frames<'w> {
    time: LookTime<'w>,
    next: Next,
    is_fresh: bool,
    is_over: bool,
}

/// How the next frame is got.
#[derive(Debug)]
enum Next {
    /// It is captured now.
    Fresh,
    /// It is the one on the screen when something happens, or at this moment.
    Wake(Instant),
}

impl<'w> Frames<'w> {
    /// Begins to look.
    pub(in crate::engine) fn new(time: LookTime<'w>) -> Self {
        Self {
            next: Next::Fresh,
            is_fresh: false,
            is_over: time.is_over(),
            time,
        }
    }

    /// Returns the next frame; none while the screen cannot be captured.
    ///
    /// # Errors
    /// What ends every wait: see [`Session::wake`].
    pub(in crate::engine) async fn next(
        &mut self,
        session: &mut Session,
    ) -> Result<Option<Shown>, Stop> {
        self.is_fresh = match self.next {
            Next::Fresh => true,
            Next::Wake(moment) => {
                session.wake(Some(moment.min(self.time.deadline()))).await?;
                // Before a frame is taken: one that was captured before the deadline does not tell how it ended.
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

    /// Lets the next frame come at this moment at the latest, though nothing happens.
    pub(in crate::engine) fn wake_at(&mut self, moment: Instant) {
        self.next = Next::Wake(moment);
    }

    /// Lets the next frame be one that is captured now.
    pub(in crate::engine) fn capture_next(&mut self) {
        self.next = Next::Fresh;
    }

    /// Returns true if the last frame was captured for this wait when it was asked for.
    pub(in crate::engine) fn is_fresh(&self) -> bool {
        self.is_fresh
    }

    /// Returns true if the time was over before the last frame was taken.
    pub(in crate::engine) fn is_over(&self) -> bool {
        self.is_over
    }
}

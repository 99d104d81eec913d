//! The clock of a script: it stands still while the machine is stopped.

use std::time::Duration;

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// Starts and stops the clock. It belongs to the task that follows the script.
#[derive(Debug)]
pub(super) struct Clock(watch::Sender<Hands>);

/// A view of the clock. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct ClockView(watch::Receiver<Hands>);

/// The machine has ended, and its clock with it.
#[derive(Debug)]
pub(super) struct ClockGone;

/// The state of the clock.
#[derive(Debug, Clone, Copy)]
struct Hands {
    /// The time of the script when the clock was started or stopped last.
    then: Duration,
    /// The moment since which it runs; none while it stands still.
    running_since: Option<Instant>,
}

impl Hands {
    /// Returns the time of the script now.
    fn now(self) -> Duration {
        let since = self.running_since.map(|since| since.elapsed());
        self.then + since.unwrap_or_default()
    }
}

impl Clock {
    /// Returns a clock that runs, and shows zero.
    pub(super) fn start() -> (Self, ClockView) {
        let (hands, seen) = watch::channel(Hands {
            then: Duration::ZERO,
            running_since: Some(Instant::now()),
        });
        (Self(hands), ClockView(seen))
    }

    /// Stops the clock. One that stands still is left so.
    pub(super) fn stop(&self) {
        self.0.send_modify(|hands| {
            *hands = Hands {
                then: hands.now(),
                running_since: None,
            };
        });
    }

    /// Starts the clock again. One that runs is left so.
    pub(super) fn resume(&self) {
        self.0.send_modify(|hands| {
            *hands = Hands {
                then: hands.now(),
                running_since: Some(Instant::now()),
            };
        });
    }
}

impl ClockView {
    /// Returns the time of the script now.
    pub(super) fn now(&self) -> Duration {
        self.0.borrow().now()
    }

    /// Waits until the clock shows `moment` or later. Can be dropped and called again.
    pub(super) async fn reached(&mut self, moment: Duration) -> Result<(), ClockGone> {
        loop {
            let hands = *self.0.borrow_and_update();
            let changed = self.0.changed();
            let changed = match hands.running_since {
                Some(since) => tokio::select! {
                    () = sleep_until(since + moment.saturating_sub(hands.then)) => return Ok(()),
                    changed = changed => changed,
                },
                None if hands.then >= moment => return Ok(()),
                None => changed.await,
            };
            changed.map_err(|_| ClockGone)?;
        }
    }
}

//! Stops a run: the first signal ends it in order, with evidence; the second ends it immediately.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::standstill::Standstill;

/// The signal for a file that would become larger than this process may write.
const SIGXFSZ: i32 = 25;

/// Tells if the user wants to stop the run.
#[derive(Debug, Clone)]
pub(crate) struct Cancel {
    stopped: watch::Receiver<bool>,
    /// The machines that stand still while this program is stopped.
    standstill: Standstill,
    /// True if the next signal ends only the look of a person at a machine.
    held: Arc<watch::Sender<bool>>,
}

/// While this value exists, the next signal ends the look of a person at a machine, and does not stop the run.
#[derive(Debug)]
pub(crate) struct Leave {
    held: Arc<watch::Sender<bool>>,
}

impl Leave {
    /// Waits for the signal.
    pub(crate) async fn requested(&self) {
        // The sender is in this process, and lives as long as this value.
        let _ = self.held.subscribe().wait_for(|held| !held).await;
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        self.held.send_replace(false);
    }
}

impl Cancel {
    /// Listens to SIGINT, SIGTERM, SIGHUP and SIGTSTP. At the second signal the process exits immediately with 130.
    /// Its virtual machines end, too, because QEMU is started to end with its parent. A board stays on.
    ///
    /// # Errors
    /// When the handlers cannot be installed.
    pub(crate) fn on_signals() -> std::io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let held = Arc::new(watch::Sender::new(false));
        let holding = Arc::clone(&held);
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        // So a write beyond the limit of a file (`ulimit -f`) is an error, like a full disk, and does not end this
        // process.
        drop(signal(SignalKind::from_raw(SIGXFSZ))?);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                    _ = hang_up.recv() => {}
                }
                if holding.send_replace(false) {
                    continue;
                }
                if *stop.borrow() {
                    std::process::exit(i32::from(reports::ExitStatus::Cancelled.code()));
                }
                stop.send_replace(true);
            }
        });
        let standstill = Standstill::default();
        standstill.listen()?;
        Ok(Self {
            stopped,
            standstill,
            held,
        })
    }

    /// Returns the machines that are paused while this program is stopped.
    pub(crate) fn standstill(&self) -> &Standstill {
        &self.standstill
    }

    /// Returns a value that never stops the run.
    #[cfg(test)]
    pub(crate) fn never() -> Self {
        Self {
            stopped: watch::channel(false).1,
            standstill: Standstill::default(),
            held: Arc::new(watch::Sender::new(false)),
        }
    }

    /// Makes the next signal end only the look of a person at a machine. The signal after it stops the run.
    pub(crate) fn hold(&self) -> Leave {
        self.held.send_replace(true);
        Leave {
            held: Arc::clone(&self.held),
        }
    }

    /// Returns true if the run must stop.
    pub(crate) fn is_requested(&self) -> bool {
        *self.stopped.borrow()
    }

    /// Waits until the run must stop, and then for `grace`, so that running work can end in order.
    pub(crate) async fn overdue(&mut self, grace: Duration) {
        self.requested().await;
        tokio::time::sleep(grace).await;
    }

    /// Waits until the run must stop.
    pub(crate) async fn requested(&mut self) {
        if self.stopped.wait_for(|stopped| *stopped).await.is_err() {
            // If the sender is gone, the signal task has ended, and no signal can come any more.
            std::future::pending::<()>().await;
        }
    }
}

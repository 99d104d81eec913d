//! Stopping a run: the first signal ends it in order, with evidence; the second ends it at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::standstill::Standstill;

/// A file would grow beyond what this process may write.
const SIGXFSZ: i32 = 25;

/// Tells whether the user wants the run to stop.
#[derive(Debug, Clone)]
pub(crate) struct Cancel {
    stopped: watch::Receiver<bool>,
    /// The machines that stand still while this program is stopped.
    standstill: Standstill,
    /// Whether the next signal only ends what a person looks at.
    held: Arc<watch::Sender<bool>>,
}

/// As long as there is one, the next signal asks for its end, and does not stop the run.
#[derive(Debug)]
pub(crate) struct Leave {
    held: Arc<watch::Sender<bool>>,
}

impl Leave {
    /// Waits for the signal.
    pub(crate) async fn requested(&self) {
        // The sender is our own: it does not go away.
        let _ = self.held.subscribe().wait_for(|held| !held).await;
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        self.held.send_replace(false);
    }
}

impl Cancel {
    /// Listens to SIGINT, SIGTERM and SIGHUP, and to SIGTSTP. At the second signal the process exits with 130 at once;
    /// machines die with it, since QEMU is told to follow its parent.
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
        // A file that must not grow (`ulimit -f`) is an error of its write then, as a full disk is, and not
        // the end of this process.
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

    /// The machines that stand still while this program is stopped.
    pub(crate) fn standstill(&self) -> &Standstill {
        &self.standstill
    }

    /// Nobody ever stops the run.
    #[cfg(test)]
    pub(crate) fn never() -> Self {
        Self {
            stopped: watch::channel(false).1,
            standstill: Standstill::default(),
            held: Arc::new(watch::Sender::new(false)),
        }
    }

    /// The next signal ends what a person looks at; one after it stops the run as ever.
    pub(crate) fn hold(&self) -> Leave {
        self.held.send_replace(true);
        Leave {
            held: Arc::clone(&self.held),
        }
    }

    /// Whether the run is to stop.
    pub(crate) fn is_requested(&self) -> bool {
        *self.stopped.borrow()
    }

    /// Waits until the run is to stop, and then for so long: what goes on may end in order, and is left where it does
    /// not.
    pub(crate) async fn overdue(&mut self, grace: Duration) {
        self.requested().await;
        tokio::time::sleep(grace).await;
    }

    /// Waits until the run is to stop.
    pub(crate) async fn requested(&mut self) {
        if self.stopped.wait_for(|stopped| *stopped).await.is_err() {
            // The sender lives as long as the signal task; without it no signal can come any more.
            std::future::pending::<()>().await;
        }
    }
}

//! Pauses the machines while `qa` is stopped by SIGTSTP (Ctrl-Z), until SIGCONT.
//!
//! ```text
//! SIGTSTP --> every machine that runs is paused --> qa stops itself --SIGCONT--> those machines go on
//! ```
//!
//! A program cannot notice SIGSTOP or the freezer of control groups. `vm::Starvation` handles deadlines in that case.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio::time::timeout;
use vm::Power;

/// The longest time to pause machines, or to let them go on. It takes milliseconds, unless the host hangs.
const LIMIT: Duration = Duration::from_secs(3);

/// The machines that are paused while this program is stopped. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standstill {
    machines: Arc<Mutex<Machines>>,
}

#[derive(Debug, Default)]
struct Machines {
    next: u64,
    running: Vec<(u64, Power)>,
}

/// While this value exists, its machine is paused when this program is stopped.
#[derive(Debug)]
pub(crate) struct StandsWith {
    standstill: Standstill,
    number: u64,
}

impl Drop for StandsWith {
    fn drop(&mut self) {
        let number = self.number;
        let mut machines = self.standstill.lock();
        machines.running.retain(|(known, _)| *known != number);
    }
}

impl Standstill {
    /// Listens to SIGTSTP from now on.
    ///
    /// # Errors
    /// When the handler cannot be installed.
    pub(crate) fn listen(&self) -> std::io::Result<()> {
        let mut stop = signal(SignalKind::from_raw(Signal::TSTP.as_raw()))?;
        let standstill = self.clone();
        tokio::spawn(async move {
            while stop.recv().await.is_some() {
                standstill.stand_still().await;
            }
        });
        Ok(())
    }

    /// Adds a machine that is paused when this program is stopped.
    pub(crate) fn with(&self, power: Power) -> StandsWith {
        let mut machines = self.lock();
        let number = machines.next;
        machines.next += 1;
        machines.running.push((number, power));
        StandsWith {
            standstill: self.clone(),
            number,
        }
    }

    /// Pauses the machines, stops this program, and lets the machines go on after SIGCONT.
    async fn stand_still(&self) {
        let running: Vec<Power> = (self.lock().running.iter())
            .map(|(_, power)| power.clone())
            .collect();
        let mut pausing = JoinSet::new();
        for power in running {
            // If a machine does not answer, its pulse reports that.
            pausing.spawn(async move {
                let paused = timeout(LIMIT, power.stand_still()).await;
                matches!(paused, Ok(Ok(true))).then_some(power)
            });
        }
        let paused: Vec<Power> = pausing.join_all().await.into_iter().flatten().collect();
        tell(&format!(
            "qa: stopped, with {} of its machines; `fg` (SIGCONT) continues",
            paused.len()
        ));
        // It fails only if the process does not exist.
        let _ = kill_process(getpid(), Signal::STOP);
        for power in paused {
            let _ = timeout(LIMIT, power.go_on()).await; // As above.
        }
        tell("qa: continues; the time in between does not count");
    }

    // The list is complete even after a panic under the lock.
    fn lock(&self) -> MutexGuard<'_, Machines> {
        self.machines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Prints a line, if a person at a terminal may have pressed Ctrl-Z.
fn tell(text: &str) {
    if std::io::stderr().is_terminal() {
        eprintln!("\n{text}");
    }
}

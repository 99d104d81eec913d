//! SIGTSTP (Ctrl-Z) and SIGCONT: machines stand still while `qa` does.
//!
//! ```text
//! SIGTSTP --> every machine that runs is paused --> qa stops itself --SIGCONT--> those machines go on
//! ```
//!
//! A stop by SIGSTOP or the freezer cannot be heard of; see `vm::Starvation` for what that means to deadlines.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio::time::timeout;
use vm::Power;

/// The longest time that machines may take to be paused or to go on. They take milliseconds, unless the host is stuck.
const LIMIT: Duration = Duration::from_secs(3);

/// The machines that stand still with this program. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standstill {
    machines: Arc<Mutex<Machines>>,
}

#[derive(Debug, Default)]
struct Machines {
    next: u64,
    running: Vec<(u64, Power)>,
}

/// As long as there is one, its machine stands still with this program.
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

    /// A machine that stands still with this program from now on.
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

    /// Pauses the machines, stops this program, and lets them go on once it is let go on.
    async fn stand_still(&self) {
        let running: Vec<Power> = (self.lock().running.iter())
            .map(|(_, power)| power.clone())
            .collect();
        let mut pausing = JoinSet::new();
        for power in running {
            // A machine that does not answer is told by its pulse.
            pausing.spawn(async move {
                let paused = timeout(LIMIT, power.stand_still()).await;
                matches!(paused, Ok(Ok(true))).then_some(power)
            });
        }
        let paused: Vec<Power> = pausing.join_all().await.into_iter().flatten().collect();
        tell(&format!(
            "qa: stopped, with {} of its machines; SIGCONT (`fg`) lets all go on",
            paused.len()
        ));
        // The only error would be that there is no such process.
        let _ = kill_process(getpid(), Signal::STOP);
        for power in paused {
            let _ = timeout(LIMIT, power.go_on()).await; // As above.
        }
        tell("qa: goes on; the time in between does not count");
    }

    // A panic while holding the lock leaves a whole list behind.
    fn lock(&self) -> MutexGuard<'_, Machines> {
        self.machines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells a person, where there is one who may have pressed Ctrl-Z.
fn tell(text: &str) {
    if std::io::stderr().is_terminal() {
        eprintln!("\n{text}");
    }
}

//! Counts the time in which a machine could not run: the host kept its processors waiting, QEMU was stopped, or this
//! program was stopped.
//!
//! ```text
//! total = processors kept waiting (here) + QEMU stopped or the machine paused (pulse)
//!         + this program stopped (own gaps)
//! ```
//!
//! A busy host runs each of a machine's processors (threads of QEMU) only part of the time. The guest does not notice,
//! but everything in it takes longer by real time. Linux counts for every thread how long it was ready to run and had
//! no core (the second field of `/proc/PID/task/TID/schedstat`, in nanoseconds). A thread that idles is not ready, so
//! it adds nothing.
//!
//! ```text
//! starvation(now) = sum over periods of max over processors of (waited at the period's end - waited at its beginning)
//! ```
//!
//! The maximum, because work on one processor is late by the wait of that processor, and nothing tells which one the
//! work needs. Periods, because in each period it may be another processor. A period is at least a second. With more
//! processors than cores, one of them waits at any instant: short periods would add up to all of the time, and no
//! deadline would ever come.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::Lost;
use crate::{own_gaps, qemu::Pulse};

/// The period over which the processor that waited longest counts: long enough for the host to give every processor its
/// turns.
const PERIOD: Duration = Duration::from_secs(1);

/// The time since its start in which a machine could not run. Cheap to clone. All clones count together.
///
/// If the kernel does not report the wait of threads (no `schedstat`), that part counts as nothing.
#[derive(Debug, Clone, Default)]
pub struct Starvation {
    waits: Option<Arc<Mutex<Waits>>>,
    pulse: Option<Pulse>,
}

/// The time in which a machine could not run, by its cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeTaken {
    /// The host gave its processors no core.
    pub by_host: Duration,
    /// QEMU was stopped, or the machine was paused.
    pub by_stops: Duration,
    /// This program was stopped.
    pub by_own_stops: Duration,
}

impl TimeTaken {
    /// Returns the sum.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.by_host
            .saturating_add(self.by_stops)
            .saturating_add(self.by_own_stops)
    }
}

/// The waits that were read so far.
#[derive(Debug)]
struct Waits {
    threads: Vec<Thread>,
    /// The start of the period.
    since: Instant,
    /// The sum over the earlier periods.
    settled: Duration,
}

/// A thread that runs processors of the machine.
#[derive(Debug)]
struct Thread {
    schedstat: PathBuf,
    /// Its wait at the start of the period.
    before: Duration,
    /// Its wait when that could be read last.
    waited: Duration,
}

impl Starvation {
    /// The variable that names the folder to read in place of `/proc`, for a container that sees the host's processes
    /// elsewhere.
    pub const PROC: &str = "QA_PROC";

    /// Adds the pulse of the machine.
    pub(crate) fn with_pulse(self, pulse: Pulse) -> Self {
        Self {
            pulse: Some(pulse),
            ..self
        }
    }

    /// Counts the threads of a process, as the folder `proc` reports them. A thread may be named several times: without
    /// multi-threading, the processors of an emulated machine share one.
    #[must_use]
    pub fn new(proc: &Path, pid: u32, threads: impl IntoIterator<Item = u64>) -> Self {
        let tasks = proc.join(pid.to_string()).join("task");
        let threads: std::collections::BTreeSet<u64> = threads.into_iter().collect();
        let threads = threads.into_iter().filter_map(|id| {
            let schedstat = tasks.join(id.to_string()).join("schedstat");
            let before = waited(&schedstat)?;
            Some(Thread {
                schedstat,
                before,
                waited: before,
            })
        });
        let threads: Vec<Thread> = threads.collect();
        let waits = (!threads.is_empty()).then(|| {
            Arc::new(Mutex::new(Waits {
                threads,
                since: Instant::now(),
                settled: Duration::ZERO,
            }))
        });
        Self { waits, pulse: None }
    }

    /// Returns the time until now. Reads one small file per thread.
    #[must_use]
    pub fn taken(&self) -> TimeTaken {
        let now = Instant::now();
        let (by_stops, by_own_stops) = self.pulse.as_ref().map_or_else(Default::default, |pulse| {
            (pulse.lost_time(), own_gaps::total(now))
        });
        TimeTaken {
            by_host: self.total_at(now),
            by_stops,
            by_own_stops,
        }
    }

    /// Returns the sum until now.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.taken().total()
    }

    /// Waits until QEMU has reported that the machine ran at `since` or later, and everything before that was read.
    /// Also ends when QEMU has ended, which the machine's events tell.
    pub async fn proven(&self, since: tokio::time::Instant) {
        if let Some(pulse) = &self.pulse {
            pulse.proven(since.into_std()).await;
        }
    }

    /// Waits until the machine is lost although QEMU has not ended. Normally waits for ever.
    pub async fn lost(&self) -> Lost {
        match &self.pulse {
            Some(pulse) => pulse.lost().await,
            None => std::future::pending().await,
        }
    }

    /// Returns true if the machine is [lost](Self::lost) now.
    pub(crate) fn is_lost(&self) -> bool {
        self.pulse.as_ref().is_some_and(Pulse::is_lost)
    }

    /// Notes the newest proof. Must be called before a look that may be the last one of a wait.
    pub fn notice(&self) {
        if let Some(pulse) = &self.pulse {
            pulse.notice();
        }
    }

    /// Returns true if the machine is known to have run at `since` or later, and that was [noted](Self::notice).
    #[must_use]
    pub fn is_proven(&self, since: tokio::time::Instant) -> bool {
        self.pulse
            .as_ref()
            .is_none_or(|pulse| pulse.is_proven(since.into_std()))
    }

    fn total_at(&self, now: Instant) -> Duration {
        self.waits.as_ref().map_or(Duration::ZERO, |waits| {
            waits
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .read(now)
        })
    }
}

impl Waits {
    fn read(&mut self, now: Instant) -> Duration {
        for thread in &mut self.threads {
            // A thread that has ended keeps its value.
            if let Some(waited) = waited(&thread.schedstat) {
                thread.waited = thread.waited.max(waited);
            }
        }
        let growth = self
            .threads
            .iter()
            .map(|thread| thread.waited - thread.before);
        let total = self.settled + growth.max().unwrap_or_default();
        if now.saturating_duration_since(self.since) >= PERIOD {
            self.since = now;
            self.settled = total;
            for thread in &mut self.threads {
                thread.before = thread.waited;
            }
        }
        total
    }
}

/// Returns the second number of a `schedstat`.
fn waited(schedstat: &Path) -> Option<Duration> {
    let text = fs::read_to_string(schedstat).ok()?;
    let nanoseconds = text.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    const PID: u32 = 7;

    /// A folder like `/proc` with one process in it.
    struct Proc(TempDir);

    impl Proc {
        fn new(threads: &[(u64, u64)]) -> Self {
            let proc = Self(tempfile::tempdir().unwrap());
            for (thread, seconds) in threads {
                proc.wait(*thread, *seconds);
            }
            proc
        }

        fn wait(&self, thread: u64, seconds: u64) {
            let folder = self.0.path().join(format!("{PID}/task/{thread}"));
            fs::create_dir_all(&folder).unwrap();
            let text = format!("99000000000 {seconds}000000000 17\n");
            fs::write(folder.join("schedstat"), text).unwrap();
        }

        fn starvation(&self, threads: &[u64]) -> Starvation {
            Starvation::new(self.0.path(), PID, threads.iter().copied())
        }
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn what_a_processor_waited_before_the_start_does_not_count() {
        let proc = Proc::new(&[(10, 500)]);
        let starvation = proc.starvation(&[10]);
        assert_eq!(starvation.total(), Duration::ZERO);
        proc.wait(10, 503);
        assert_eq!(starvation.total(), seconds(3));
        assert_eq!(starvation.clone().total(), seconds(3));
    }

    #[test]
    fn in_a_period_the_processor_that_waited_longest_counts() {
        let proc = Proc::new(&[(10, 0), (11, 0)]);
        let starvation = proc.starvation(&[10, 11]);
        let start = Instant::now();
        proc.wait(10, 2);
        assert_eq!(starvation.total_at(start), seconds(2));
        // Within the period: not 2 and then 3 more.
        proc.wait(11, 3);
        assert_eq!(starvation.total_at(start), seconds(3));
        assert_eq!(starvation.total_at(start + PERIOD * 2), seconds(3));
        // In the next one the first waits again, from 2 to 6.
        proc.wait(10, 6);
        assert_eq!(starvation.total_at(start + PERIOD * 2), seconds(7));
        assert_eq!(starvation.total_at(start + PERIOD * 4), seconds(7));
        assert_eq!(starvation.total_at(start + PERIOD * 6), seconds(7));
    }

    #[test]
    fn it_never_shrinks_whatever_the_files_say() {
        let proc = Proc::new(&[(10, 5)]);
        let starvation = proc.starvation(&[10]);
        proc.wait(10, 9);
        assert_eq!(starvation.total(), seconds(4));
        proc.wait(10, 1);
        assert_eq!(starvation.total(), seconds(4));
        let file = proc.0.path().join(format!("{PID}/task/10/schedstat"));
        for nonsense in ["", "1", "1 x 2", "1 -4 2", "1 99999999999999999999999 2"] {
            fs::write(&file, nonsense).unwrap();
            assert_eq!(starvation.total(), seconds(4), "{nonsense:?}");
        }
        fs::remove_file(&file).unwrap();
        assert_eq!(starvation.total(), seconds(4));
    }

    #[test]
    fn a_kernel_that_does_not_say_starves_nobody() {
        let proc = Proc::new(&[(10, 5)]);
        let starvation = proc.starvation(&[11]);
        proc.wait(11, 5);
        assert_eq!(starvation.total(), Duration::ZERO);
        assert_eq!(Starvation::default().total(), Duration::ZERO);
    }
}

//! The pulse of a machine: asks QEMU again and again whether the machine runs.
//!
//! ```text
//! every half second, or on demand:
//!     query-status --answer--> everything read that came before --> proof: it ran at the time of asking
//!                                        '--no answer for 30 s, though it could have--> lost
//! ```
//!
//! A wait must not end without such a proof. A stopped QEMU sends nothing, and its silence proves nothing about the
//! guest. Time in which QEMU was stopped, or the machine was paused from outside, counts for no one.

#[cfg(test)]
mod pauses;
mod process;
mod silence;

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    sync::{Notify, mpsc, oneshot, watch},
    time::sleep,
};

use crate::{
    Lost, RunState, Serial, own_gaps,
    qemu::{
        power::run_state,
        qmp::{Call, Qmp, QmpError, Trace},
    },
};
pub(crate) use process::{Halt, Process};
use silence::{Loss, Said, Silence};

/// The time between two questions.
const EVERY: Duration = Duration::from_millis(500);

/// The time between two looks at a QEMU that has not answered yet.
const LOOK: Duration = Duration::from_millis(250);

/// The longest time for an answer of QEMU, or for a pause of the machine by another program. QEMU answers in
/// milliseconds; seconds are for hosts that swap.
const PATIENCE: Duration = Duration::from_secs(30);

/// No limit: the caller that waits for the pulse has one.
const FOREVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The pulse of a running machine. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Pulse {
    shared: Arc<Shared>,
    proof: watch::Receiver<Option<Instant>>,
}

/// The channels that must be read before an answer counts. They hold what the machine did and wrote before it.
#[derive(Debug)]
pub(crate) struct Before {
    /// The machine's events.
    pub(crate) events: mpsc::Sender<oneshot::Sender<()>>,
    /// The machine's serial lines.
    pub(crate) serials: Vec<Serial>,
}

/// The QEMU and the machine that the pulse belongs to.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) qmp: Qmp,
    pub(crate) qemu: Process,
    pub(crate) tpm: Option<Process>,
    /// True if this program has paused the machine itself.
    pub(crate) is_held: Arc<AtomicBool>,
    pub(crate) before: Before,
}

#[derive(Debug)]
struct Shared {
    wish: Notify,
    silence: Mutex<Silence>,
    qemu: Process,
    tpm: Option<Process>,
    is_held: Arc<AtomicBool>,
    patience: Duration,
    /// The state in the last answer.
    state: Mutex<Option<RunState>>,
    base: Instant,
    /// The newest proof that the caller has noted.
    noticed: Mutex<Option<Instant>>,
}

impl Pulse {
    /// The variable that names another limit in milliseconds, for tests.
    pub(crate) const PATIENCE: &str = "QA_PATIENCE";

    /// Starts to ask. Ends with the connection to QEMU.
    pub(crate) fn start(subject: Subject) -> Self {
        let Subject {
            qmp,
            qemu,
            tpm,
            is_held,
            before,
        } = subject;
        let patience = std::env::var(Self::PATIENCE).ok();
        let patience = patience.and_then(|patience| patience.parse().ok());
        let now = Instant::now();
        let shared = Arc::new(Shared {
            wish: Notify::new(),
            silence: Mutex::new(Silence::new(own_gaps_left_out(now, now))),
            qemu,
            tpm,
            is_held,
            patience: patience.map_or(PATIENCE, Duration::from_millis),
            state: Mutex::new(None),
            base: now,
            noticed: Mutex::new(None),
        });
        let (prove, proof) = watch::channel(None);
        tokio::spawn(ask(qmp, Arc::clone(&shared), before, prove));
        Self { shared, proof }
    }

    /// Returns the time that the machine has lost because QEMU was stopped or the machine was paused. Never shrinks by
    /// more than a moment.
    pub(crate) fn lost_time(&self) -> Duration {
        let (now, progress) = (self.shared.now(), self.shared.qemu.progress());
        let mut silence = lock(&self.shared.silence);
        silence.looks(now, progress);
        silence.lost(now)
    }

    /// Waits until an answer proves that the machine ran at `since` or later, and everything before the answer was
    /// read. Also ends when QEMU has ended, which its events tell.
    pub(crate) async fn proven(&self, since: Instant) {
        let mut proof = self.proof.clone();
        // The question that is under way may be older.
        self.shared.wish.notify_one();
        // An error means that the task has ended.
        let _ = proof
            .wait_for(|proof| proof.is_some_and(|asked| asked >= since))
            .await;
    }

    /// Notes all proofs so far. The next look sees everything that was read before them.
    pub(crate) fn notice(&self) {
        *lock(&self.shared.noticed) = *self.proof.borrow();
    }

    /// Returns true if the machine is known to have run at `since` or later, and that was noted before the last look.
    pub(crate) fn is_proven(&self, since: Instant) -> bool {
        let has_ended = self.proof.has_changed().is_err();
        has_ended || lock(&self.shared.noticed).is_some_and(|noticed| noticed >= since)
    }

    /// Returns whether the machine is lost now.
    pub(crate) fn is_lost(&self) -> bool {
        self.shared.is_lost().is_some()
    }

    /// Waits until the machine is lost. Waits for ever if QEMU ends before, which its events tell.
    pub(crate) async fn lost(&self) -> Lost {
        loop {
            if self.proof.has_changed().is_err() {
                return std::future::pending().await;
            }
            if let Some(lost) = self.shared.is_lost() {
                return lost;
            }
            sleep(LOOK).await;
        }
    }
}

impl Shared {
    /// Returns the time now, by the clock that stands still while this program does not run.
    fn now(&self) -> Duration {
        own_gaps_left_out(self.base, Instant::now())
    }

    fn is_lost(&self) -> Option<Lost> {
        let (now, progress) = (self.now(), self.qemu.progress());
        let silence = lock(&self.silence);
        let loss = silence.loss(now, progress, self.patience);
        let neither_way = silence.silent(now, progress).max(silence.stood(now));
        drop(silence);
        let time = Time(self.patience);
        if let Some(tpm) = &self.tpm
            && neither_way >= self.patience
            && let Some(halt) = tpm.halt()
        {
            let pid = tpm.pid();
            return Some(Lost {
                what: format!("the machine's TPM (swtpm, process {pid}) {halt} for {time}"),
                advice: halt.advice(pid),
            });
        }
        if loss == Some(Loss::Silent) {
            let pid = self.qemu.pid();
            let (why, advice) = match self.qemu.halt() {
                Some(halt) => (format!(": its process {pid} {halt}"), halt.advice(pid)),
                None => (
                    String::new(),
                    "the host may be overloaded, swap, or wait for a disk; `qmp.log` shows what QEMU was asked last"
                        .to_owned(),
                ),
            };
            return Some(Lost {
                what: format!("QEMU has not answered for {time}{why}"),
                advice,
            });
        }
        if loss == Some(Loss::Stands) && !self.is_held.load(Ordering::Acquire) {
            let state = lock(&self.state).clone()?;
            return Some(Lost {
                what: format!(
                    "the machine has been stopped for {time}, and not by qa (QEMU says `{state}`)"
                ),
                advice: "whoever is connected to QEMU besides qa must let it go on".to_owned(),
            });
        }
        None
    }

    /// Returns the meaning of an answer for the machine.
    fn said(&self, answer: Result<RunState, QmpError>) -> Said {
        // A refusal also shows that QEMU lives.
        let state = answer.ok();
        *lock(&self.state) = state.clone();
        let is_halted = self.tpm.as_ref().is_some_and(|tpm| tpm.halt().is_some());
        match state {
            Some(RunState::Paused | RunState::Other(_)) => Said::Stands,
            None
            | Some(
                RunState::Running
                | RunState::Shutdown
                | RunState::Suspended
                | RunState::Panicked
                | RunState::InternalError
                | RunState::IoError,
            ) => {
                if is_halted {
                    Said::Stands
                } else {
                    Said::Runs
                }
            }
        }
    }
}

async fn ask(qmp: Qmp, shared: Arc<Shared>, before: Before, prove: watch::Sender<Option<Instant>>) {
    while !prove.is_closed() {
        let asked = Instant::now();
        lock(&shared.silence).asks(shared.now(), shared.qemu.progress());
        let call = Call {
            trace: Trace::FailuresOnly,
            limit: FOREVER,
            ..Call::default()
        };
        let answer = run_state(&qmp, call);
        tokio::pin!(answer);
        let answer = loop {
            tokio::select! {
                answer = &mut answer => break answer,
                () = sleep(LOOK) => {
                    let (now, progress) = (shared.now(), shared.qemu.progress());
                    lock(&shared.silence).looks(now, progress);
                }
            }
        };
        if matches!(answer, Err(QmpError::Closed { .. })) {
            return;
        }
        let said = shared.said(answer);
        before.is_read().await;
        lock(&shared.silence).answers(shared.now(), said);
        if said == Said::Runs {
            prove.send_replace(Some(asked));
        }
        tokio::select! {
            () = sleep(EVERY) => {}
            () = shared.wish.notified() => {}
        }
    }
}

impl Before {
    /// Waits until all bytes in the machine's sockets were read.
    async fn is_read(&self) {
        let (done, read) = oneshot::channel();
        if self.events.send(done).await.is_ok() {
            // An error means that the machine has ended.
            let _ = read.await;
        }
        for serial in &self.serials {
            serial.is_read().await;
        }
    }
}

impl Halt {
    fn advice(self, pid: u32) -> String {
        match self {
            Self::Stopped => format!("`kill -CONT {pid}` lets it go on"),
            Self::Frozen => {
                "whoever froze it (a container's pause, a service manager) must thaw it".to_owned()
            }
        }
    }
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stopped => "has been stopped by a signal",
            Self::Frozen => "has been frozen with its control group",
        })
    }
}

/// Returns a time for people.
struct Time(Duration);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.as_secs(), self.0.subsec_millis()) {
            (seconds, 0) => write!(f, "{seconds} s"),
            _ => write!(f, "{} ms", self.0.as_millis()),
        }
    }
}

fn own_gaps_left_out(base: Instant, now: Instant) -> Duration {
    // Far ahead, so that gaps before the base do not matter.
    const AHEAD: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    (now.saturating_duration_since(base) + AHEAD).saturating_sub(own_gaps::total(now))
}

/// Every holder changes it in one step: a panic cannot leave it half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

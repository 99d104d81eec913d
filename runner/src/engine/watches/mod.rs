//! What must hold all the time.
//!
//! ```text
//! serial bytes --> patterns --+
//! frames --------> needles ---+--> breach: a stop that names its watch
//! agent <-- asked again and again: commands, journal, failed units, core dumps
//! ```
//!
//! A watch that never got an answer has seen nothing: that is told, and never taken for "all is well".

mod asking;
mod question;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

use needles::SearchRatio;
use reports::{CauseKind, Wanted};
use scenarios::{Pattern, Reboots, Watch, WatchKind, WatchedBy, segfault_pattern};
use tokio::task::JoinSet;
use vm::{Looked, Machine, Serial, SerialMatch, SerialSearch};

use crate::engine::look::{self, Candidates};
use crate::engine::shown::Shown;
use crate::engine::stop::Stop;
use crate::needle_store::NeedleStore;
use asking::{Answered, Asker, Asking, Told, USUAL};
use question::Question;

pub(super) use question::{Since, place, place_in};

/// The watches of a scenario, with what they need to be checked.
#[derive(Debug)]
pub(super) struct Watches {
    store: Arc<NeedleStore>,
    serial: Vec<SerialWatch>,
    serial_from: u64,
    needles: Vec<NeedleWatch>,
    asking: Vec<Asking>,
    under_way: JoinSet<Answered>,
    reboots: Reboots,
    /// Whether nobody is asked yet: where the journal begins to count is still to be found.
    is_held: bool,
    /// Where evidence goes.
    folder: PathBuf,
}

#[derive(Debug)]
struct SerialWatch {
    name: String,
    search: SerialSearch,
}

impl SerialWatch {
    fn new(name: String, pattern: &Pattern) -> Self {
        Self {
            name,
            search: SerialSearch::new(pattern.regex(), 0),
        }
    }
}

#[derive(Debug)]
struct NeedleWatch {
    name: String,
    query: String,
    candidates: Candidates,
}

/// Where a machine comes from that is watched from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watched {
    /// It is switched on: all that it does counts.
    FromPowerOn,
    /// Something ran on it before, which does not count: nobody is asked until [`Watches::begin_journal`].
    FromNow,
}

/// A watch that has not seen what it watches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Blind {
    /// What it is called.
    pub name: String,
    /// Who wants it.
    pub by: WatchedBy,
    /// Why: a lowercase fragment.
    pub reason: String,
}

/// News of the watches that ask the guest.
#[derive(Debug)]
pub(super) enum WatchNews {
    /// One was breached, or broke.
    Breach(Stop),
    /// One has looked.
    Looked,
}

impl Watches {
    /// Prepares watches for a machine.
    pub(super) fn new(
        watches: &[Watch],
        store: &Arc<NeedleStore>,
        folder: &Path,
        watched: Watched,
    ) -> Self {
        let mut prepared = Self {
            store: Arc::clone(store),
            serial: Vec::new(),
            serial_from: 0,
            needles: Vec::new(),
            asking: Vec::new(),
            under_way: JoinSet::new(),
            reboots: Reboots::default(),
            is_held: watched == Watched::FromNow,
            folder: folder.to_owned(),
        };
        for watch in watches {
            prepared.add(watch);
        }
        prepared
    }

    fn add(&mut self, watch: &Watch) {
        let name = watch.name.clone();
        match &watch.kind {
            WatchKind::Serial(pattern) => self.serial.push(SerialWatch::new(name, pattern)),
            WatchKind::Needle(query) => self.needles.push(NeedleWatch {
                name,
                query: query.to_string(),
                candidates: Arc::new(self.store.select(&query.lists())),
            }),
            WatchKind::Reboots(reboots) => self.reboots = *reboots,
            WatchKind::Command {
                command,
                user,
                exit,
                every,
            } => {
                let question = Question::Command {
                    command: command.clone(),
                    user: user.clone(),
                    exit: *exit,
                };
                self.ask(watch, question, Some(*every));
            }
            WatchKind::Journal { pattern, every } => {
                self.ask(watch, Question::Journal(pattern.clone()), *every);
            }
            WatchKind::FailedUnits { except, every } => {
                let except = except.clone();
                self.ask(watch, Question::FailedUnits { except }, *every);
            }
            WatchKind::Coredumps { except, every } => {
                let except = except.clone();
                self.ask(watch, Question::Coredumps { except }, *every);
            }
            WatchKind::Segfault { programs, every } => {
                // Names of programs are escaped in it: it is always one.
                if let Ok(pattern) = segfault_pattern(programs) {
                    self.serial.push(SerialWatch::new(name, &pattern));
                    self.ask(watch, Question::Journal(pattern), *every);
                }
            }
        }
    }

    fn ask(&mut self, watch: &Watch, question: Question, every: Option<Duration>) {
        let every = every.unwrap_or(USUAL);
        // What a command of the scenario's author asks of may take its time to come; a unit that failed is
        // one from the beginning on.
        let is_eager = !matches!(question, Question::Command { .. });
        let first = if is_eager { Duration::ZERO } else { every };
        self.asking.push(Asking {
            name: watch.name.clone(),
            by: watch.by,
            question,
            every,
            is_eager,
            since: Since::Boot,
            due: Instant::now() + first,
            is_wanted: false,
            is_under_way: false,
            has_looked: false,
            owes_last_look: false,
            trouble: None,
        });
    }

    /// Serial patterns count from this position on.
    pub(super) fn begin_at(&mut self, position: u64) {
        self.serial_from = position;
    }

    /// Up to where the serial console was looked at: whole lines.
    pub(super) fn serial_from(&self) -> u64 {
        self.serial_from
    }

    /// Whether a watch reads the journal, and has not begun to.
    pub(super) fn want_place(&self) -> bool {
        let reads = |watch: &Asking| watch.question.reads_journal();
        self.is_held && self.asking.iter().any(reads)
    }

    /// Up to where the journal was read; none where no watch reads it, or none has yet.
    pub(super) fn journal_place(&self) -> Option<Since> {
        let mut read = (self.asking.iter()).filter(|watch| watch.question.reads_journal());
        let place = read.find_map(|watch| match &watch.since {
            Since::Boot => None,
            Since::Cursor(_) => Some(watch.since.clone()),
        });
        place.filter(|_| !self.is_held)
    }

    /// The journal counts after this place, or where none could be found, from its boot on; from now on the guest is
    /// asked.
    pub(super) fn begin_journal(&mut self, place: Option<&Since>) {
        self.is_held = false;
        if let Some(place) = place {
            for watch in &mut self.asking {
                watch.since.clone_from(place);
            }
        }
    }

    /// The same watches on the same machine, whose QEMU is another one: it was switched on again.
    pub(super) fn for_relaunched(mut self) -> Self {
        self.under_way = JoinSet::new();
        for watch in &mut self.asking {
            watch.is_under_way = false;
        }
        self.serial_from = 0;
        for watch in &mut self.serial {
            watch.search.begin_again();
        }
        self
    }

    /// Whether a reset that no step asked for is all right.
    pub(super) fn allows_resets(&self) -> bool {
        self.reboots == Reboots::Any
    }

    /// Looks for forbidden text in what the serial console said since the last look. The echo of what steps send is
    /// none.
    pub(super) fn check_serial(&mut self, serial: &Serial) -> Option<Stop> {
        self.look_at_serial(serial, |looked| match looked {
            Looked::Found(found) => Some(found),
            Looked::Unsettled(_) | Looked::Nothing => None,
        })
    }

    /// As [`check_serial`](Self::check_serial), when nothing more is waited for: what stands there counts.
    pub(super) fn last_look_at_serial(&mut self, serial: &Serial) -> Option<Stop> {
        self.look_at_serial(serial, |looked| match looked {
            Looked::Found(found) | Looked::Unsettled(found) => Some(found),
            Looked::Nothing => None,
        })
    }

    fn look_at_serial(
        &mut self,
        serial: &Serial,
        counts: impl Fn(Looked) -> Option<SerialMatch>,
    ) -> Option<Stop> {
        let settled = serial.settled();
        for watch in &mut self.serial {
            watch.search.set_from(self.serial_from);
            if let Some(found) = counts(watch.search.look(serial)) {
                let name = &watch.name;
                let line = found.line.trim();
                let message =
                    format!("watch `{name}` was breached: the serial console says `{line}`");
                return Some(
                    Stop::failed(CauseKind::Watch(name.clone()), message)
                        .hint("`serial0.log` has the whole console"),
                );
            }
        }
        // A match may be cut by the end of what there is now: whole lines are done with, the last one is not.
        self.serial_from = settled.max(self.serial_from);
        None
    }

    /// Looks for forbidden needles.
    ///
    /// # Errors
    /// A needle's picture cannot be read.
    pub(super) async fn check_screen(&self, shown: &Shown) -> Result<Option<Stop>, Stop> {
        for watch in &self.needles {
            // Wherever it is: nobody knows where a dialog comes up that must not.
            let found = look::search(
                &self.store,
                &watch.candidates,
                &shown.frame,
                SearchRatio::WIDE,
            )
            .await?;
            if let Some(outcome) = found {
                let report = look::report(&watch.query, Wanted::Absent, Some(&outcome), &[]);
                return Ok(Some(
                    Stop::failed(
                        CauseKind::Watch(watch.name.clone()),
                        format!(
                            "watch `{}` was breached: needle `{}` is on the screen",
                            watch.name,
                            outcome.needle.name()
                        ),
                    )
                    .with_look(report),
                ));
            }
        }
        Ok(None)
    }

    /// When the guest is to be asked next; none where nothing is to be asked.
    pub(super) fn next_due(&self) -> Option<Instant> {
        if self.is_held {
            return None;
        }
        let idle = self.asking.iter().filter(|watch| !watch.is_under_way);
        idle.map(|watch| watch.due).min()
    }

    /// There is an agent now: what waits for one looks at once, or when the look is over that the agent's end cut
    /// short.
    pub(super) fn agent_came(&mut self) {
        for watch in self.asking.iter_mut().filter(|watch| watch.is_eager) {
            watch.is_wanted = true;
        }
    }

    /// Asks what is due. Where no agent is connected there is nobody to ask, until one comes.
    ///
    /// It is asked beside the wait: a command that hangs in the guest holds up neither a deadline nor the user's
    /// Ctrl-C.
    pub(super) fn start_due(&mut self, machine: &Machine) {
        if self.is_held {
            return;
        }
        let now = Instant::now();
        let agent = machine.agent();
        for (index, watch) in self.asking.iter_mut().enumerate() {
            if watch.is_under_way || (watch.due > now && !watch.is_wanted) {
                continue;
            }
            watch.due = now + watch.every;
            watch.is_wanted = false;
            if !agent.is_connected() {
                continue;
            }
            watch.is_under_way = true;
            let asker = Asker {
                index,
                name: watch.name.clone(),
                question: watch.question.clone(),
                since: watch.since.clone(),
                agent: agent.clone(),
                starvation: machine.starvation().clone(),
                folder: self.folder.clone(),
            };
            self.under_way.spawn(asker.ask());
        }
    }

    /// Whether the guest has answered any of them.
    pub(super) fn had_answer(&self) -> bool {
        self.asking.iter().any(|watch| watch.has_looked)
    }

    /// Every watch that asks the guest is to ask once more, now: what the steps have left behind must hold as well.
    pub(super) fn want_last_look(&mut self) {
        for watch in &mut self.asking {
            watch.is_wanted = true;
            watch.owes_last_look = true;
        }
    }

    /// Whether an answer is still to come.
    pub(super) fn is_waiting(&self) -> bool {
        self.asking
            .iter()
            .any(|watch| watch.is_under_way || watch.is_wanted)
    }

    /// What comes of asking; never ends where nothing is asked.
    pub(super) async fn next_news(&mut self) -> WatchNews {
        let answered = match self.under_way.join_next().await {
            Some(Ok(answered)) => answered,
            Some(Err(error)) => {
                let message = format!("a watch broke off: {error}");
                return WatchNews::Breach(Stop::error(CauseKind::Harness, message));
            }
            None => return std::future::pending().await,
        };
        let Some(watch) = self.asking.get_mut(answered.index) else {
            return WatchNews::Looked;
        };
        watch.is_under_way = false;
        watch.due = Instant::now() + watch.every;
        watch.since = answered.since;
        match answered.told {
            Told::Breached(stop) => return WatchNews::Breach(stop),
            Told::Holds => {
                watch.has_looked = true;
                // Asked before it was wanted, it says nothing of what came since.
                watch.owes_last_look &= watch.is_wanted;
                watch.trouble = None;
            }
            Told::Nothing => {}
            Told::CannotTell(why) => watch.trouble = Some(why),
        }
        WatchNews::Looked
    }

    /// The watches that have not seen what they watch for, at the end.
    pub(super) fn blind(&self) -> Vec<Blind> {
        let reason = |watch: &Asking| match &watch.trouble {
            Some(trouble) => Some(trouble.clone()),
            None if !watch.has_looked => Some("no guest agent has answered".to_owned()),
            None if watch.owes_last_look => {
                Some("no guest agent answered any more when the steps had held".to_owned())
            }
            None => None,
        };
        let blind = self.asking.iter().filter_map(|watch| {
            Some(Blind {
                name: watch.name.clone(),
                by: watch.by,
                reason: reason(watch)?,
            })
        });
        blind.collect()
    }
}

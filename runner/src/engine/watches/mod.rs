//! The watches of a scenario: conditions that must hold all the time.
//!
//! ```text
//! serial bytes --> patterns --+
//! frames --------> needles ---+--> breach: a stop that names its watch
//! agent <-- asked again and again: commands, journal, failed units, core dumps
//! ```
//!
//! A watch that never got an answer has checked nothing. It is reported as such, and never counts as "all is well".

mod guest_watch;
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
use crate::engine::screen_frame::ScreenFrame;
use crate::engine::stop::Stop;
use crate::needle_store::NeedleStore;
use guest_watch::{GuestQuery, GuestWatch, QueryResult, USUAL, WatchResult};
use question::Question;

pub(super) use question::{JournalPosition, position_command, position_in};

/// The watches of a scenario on one machine.
#[derive(Debug)]
pub(super) struct Watches {
    store: Arc<NeedleStore>,
    serial: Vec<SerialWatch>,
    serial_from: u64,
    needles: Vec<NeedleWatch>,
    guest_watches: Vec<GuestWatch>,
    under_way: JoinSet<QueryResult>,
    reboots: Reboots,
    /// True until the start of the journal is known; the guest is not asked before that.
    awaits_journal: bool,
    /// The folder for evidence.
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

/// The point from which a machine is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WatchFrom {
    /// Power-on: everything that the machine does counts.
    PowerOn,
    /// Now: what ran on the machine before does not count. The guest is not asked before [`Watches::begin_journal`].
    Now,
}

/// A watch that could not check its condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UncheckedWatch {
    /// The name of the watch.
    pub name: String,
    /// The file that declares it.
    pub by: WatchedBy,
    /// The reason: a lowercase fragment.
    pub reason: String,
}

/// News of a watch that asks the guest.
#[derive(Debug)]
pub(super) enum WatchNews {
    /// The watch was breached, or its task crashed.
    Breach(Stop),
    /// The question is over, without a breach.
    Looked,
}

impl Watches {
    /// Prepares watches for a machine.
    pub(super) fn new(
        watches: &[Watch],
        store: &Arc<NeedleStore>,
        folder: &Path,
        watched: WatchFrom,
    ) -> Self {
        let mut prepared = Self {
            store: Arc::clone(store),
            serial: Vec::new(),
            serial_from: 0,
            needles: Vec::new(),
            guest_watches: Vec::new(),
            under_way: JoinSet::new(),
            reboots: Reboots::default(),
            awaits_journal: watched == WatchFrom::Now,
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
                // Always a valid pattern, because the names of programs are escaped in it.
                if let Ok(pattern) = segfault_pattern(programs) {
                    self.serial.push(SerialWatch::new(name, &pattern));
                    self.ask(watch, Question::Journal(pattern), *every);
                }
            }
        }
    }

    fn ask(&mut self, watch: &Watch, question: Question, every: Option<Duration>) {
        let every = every.unwrap_or(USUAL);
        // A command of the scenario's author may need some time after boot to succeed. The other questions make sense
        // from the beginning.
        let is_eager = !matches!(question, Question::Command { .. });
        let first = if is_eager { Duration::ZERO } else { every };
        self.guest_watches.push(GuestWatch {
            name: watch.name.clone(),
            by: watch.by,
            question,
            every,
            is_eager,
            since: JournalPosition::Boot,
            due: Instant::now() + first,
            is_wanted: false,
            is_under_way: false,
            has_looked: false,
            owes_last_look: false,
            trouble: None,
            unanswered: 0,
        });
    }

    /// Sets the position of the serial console from which on its patterns count.
    pub(super) fn begin_at(&mut self, position: u64) {
        self.serial_from = position;
    }

    /// Returns the position to which the serial console was searched: the begin of a line.
    pub(super) fn serial_from(&self) -> u64 {
        self.serial_from
    }

    /// Returns whether a watch reads the journal and its start is not known yet.
    pub(super) fn needs_journal_position(&self) -> bool {
        let reads = |watch: &GuestWatch| watch.question.reads_journal();
        self.awaits_journal && self.guest_watches.iter().any(reads)
    }

    /// Returns the position to which the journal was read; none if no watch has read it.
    pub(super) fn journal_position(&self) -> Option<JournalPosition> {
        let mut read = (self.guest_watches.iter()).filter(|watch| watch.question.reads_journal());
        let place = read.find_map(|watch| match &watch.since {
            JournalPosition::Boot => None,
            JournalPosition::Cursor(_) => Some(watch.since.clone()),
        });
        place.filter(|_| !self.awaits_journal)
    }

    /// Sets the start of the journal: this position, or the last boot if the position is unknown. From now on, the
    /// guest is asked.
    pub(super) fn begin_journal(&mut self, place: Option<&JournalPosition>) {
        self.awaits_journal = false;
        if let Some(place) = place {
            for watch in &mut self.guest_watches {
                watch.since.clone_from(place);
            }
        }
    }

    /// Returns the watches for a machine that was switched on again, with a new QEMU and a new serial console.
    pub(super) fn for_relaunched(mut self) -> Self {
        self.under_way = JoinSet::new();
        for watch in &mut self.guest_watches {
            watch.is_under_way = false;
        }
        self.serial_from = 0;
        for watch in &mut self.serial {
            watch.search.begin_again();
        }
        self
    }

    /// Returns whether the machine may restart although no step requested it (`reboots: any`).
    pub(super) fn allows_resets(&self) -> bool {
        self.reboots == Reboots::Any
    }

    /// Searches the serial console for forbidden text since the last look. Returns the breach, if there is one. The
    /// echo of text that steps send does not count.
    pub(super) fn check_serial(&mut self, serial: &Serial) -> Option<Stop> {
        self.look_at_serial(serial, |looked| match looked {
            Looked::Found(found) => Some(found),
            Looked::Unsettled(_) | Looked::Nothing => None,
        })
    }

    /// Searches as [`check_serial`](Self::check_serial) does, at the end of a stage. A line counts even if it could
    /// still change.
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
        // The last line may not be complete: it is searched again with the next text.
        self.serial_from = settled.max(self.serial_from);
        None
    }

    /// Searches a frame for forbidden needles. Returns the breach, if there is one.
    ///
    /// # Errors
    /// A needle's picture cannot be read.
    pub(super) async fn check_screen(&self, shown: &ScreenFrame) -> Result<Option<Stop>, Stop> {
        for watch in &self.needles {
            // The whole screen, because an unexpected dialog may be anywhere.
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

    /// Returns the time of the next question to the guest; none if there is nothing to ask.
    pub(super) fn next_due(&self) -> Option<Instant> {
        if self.awaits_journal {
            return None;
        }
        let idle = self
            .guest_watches
            .iter()
            .filter(|watch| !watch.is_under_way);
        idle.map(|watch| watch.due).min()
    }

    /// Notes that the guest's agent has connected: watches that waited for it ask now. If a watch still asks the agent
    /// before, it asks again after that.
    pub(super) fn agent_came(&mut self) {
        for watch in self.guest_watches.iter_mut().filter(|watch| watch.is_eager) {
            watch.is_wanted = true;
        }
    }

    /// Starts the questions that are due, if an agent is connected.
    ///
    /// Each question is a task of its own, so a command that hangs in the guest delays neither a deadline nor Ctrl-C.
    pub(super) fn start_due(&mut self, machine: &Machine) {
        if self.awaits_journal {
            return;
        }
        let now = Instant::now();
        let agent = machine.agent();
        for (index, watch) in self.guest_watches.iter_mut().enumerate() {
            if watch.is_under_way || (watch.due > now && !watch.is_wanted) {
                continue;
            }
            watch.due = now + watch.every;
            watch.is_wanted = false;
            if !agent.is_connected() {
                watch.unanswered += 1;
                continue;
            }
            watch.is_under_way = true;
            let asker = GuestQuery {
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

    /// Returns whether the guest has answered any question.
    pub(super) fn had_answer(&self) -> bool {
        self.guest_watches.iter().any(|watch| watch.has_looked)
    }

    /// Makes every watch that asks the guest ask once more, because its condition must still hold after the last step.
    pub(super) fn want_last_look(&mut self) {
        for watch in &mut self.guest_watches {
            watch.is_wanted = true;
            watch.owes_last_look = true;
        }
    }

    /// Returns whether an answer is still to come.
    pub(super) fn is_waiting(&self) -> bool {
        self.guest_watches
            .iter()
            .any(|watch| watch.is_under_way || watch.is_wanted)
    }

    /// Waits for the next answer of the guest; for ever if nothing was asked.
    pub(super) async fn next_news(&mut self) -> WatchNews {
        let answered = match self.under_way.join_next().await {
            Some(Ok(answered)) => answered,
            Some(Err(error)) => {
                let message = format!("the task of a watch crashed: {error}");
                return WatchNews::Breach(Stop::error(CauseKind::Harness, message));
            }
            None => return std::future::pending().await,
        };
        let Some(watch) = self.guest_watches.get_mut(answered.index) else {
            return WatchNews::Looked;
        };
        watch.is_under_way = false;
        watch.due = Instant::now() + watch.every;
        watch.since = answered.since;
        match answered.result {
            WatchResult::Breached(stop) => return WatchNews::Breach(stop),
            WatchResult::Holds => {
                watch.has_looked = true;
                // An answer to an earlier question says nothing about the time after the last step.
                watch.owes_last_look &= watch.is_wanted;
                watch.trouble = None;
                watch.unanswered = 0;
            }
            WatchResult::NoAnswer => watch.unanswered += 1,
            WatchResult::CannotTell(why) => watch.trouble = Some(why),
        }
        WatchNews::Looked
    }

    /// Returns the watches that could not check their condition, at the end of a stage.
    pub(super) fn unchecked(&self) -> Vec<UncheckedWatch> {
        self.unchecked_for(|watch| match &watch.trouble {
            Some(trouble) => Some(trouble.clone()),
            None if !watch.has_looked => Some("no guest agent has answered".to_owned()),
            None if watch.owes_last_look => {
                Some("the guest agent did not answer any more after the last step".to_owned())
            }
            None => None,
        })
    }

    /// Returns the watches that could not check their condition when a step stopped the stage: the reason why it
    /// stopped may be what they did not see.
    ///
    /// A watch whose guest was silent only once is left out: a guest that restarts is silent, too.
    pub(super) fn unchecked_at_stop(&self) -> Vec<UncheckedWatch> {
        self.unchecked_for(|watch| match (&watch.trouble, watch.unanswered) {
            (Some(trouble), _) => Some(trouble.clone()),
            (None, 0 | 1) => None,
            (None, times) => Some(format!(
                "the guest agent did not answer the last {times} times"
            )),
        })
    }

    fn unchecked_for(&self, reason: impl Fn(&GuestWatch) -> Option<String>) -> Vec<UncheckedWatch> {
        let unchecked = self.guest_watches.iter().filter_map(|watch| {
            Some(UncheckedWatch {
                name: watch.name.clone(),
                by: watch.by,
                reason: reason(watch)?,
            })
        });
        unchecked.collect()
    }
}

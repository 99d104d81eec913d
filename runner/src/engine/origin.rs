//! Where an attempt begins: at power-on, at a checkpoint, or on the machine that another scenario left.

use std::time::{Duration, SystemTime};
use tokio::time::Instant;

use reports::{Event, StartedFrom};
use scenarios::{Text, Value, Vars};
use serde::{Deserialize, Serialize};
use vm::checkpoint::CheckpointKey;
use vm::{Machine, MachineEvents, SavedMachine};

use crate::engine::attempt::{Attempt, LeftRunning};
use crate::engine::checkpoints::{Found, Unusable, age_ms};
use crate::engine::drive_changes::DriveChanges;
use crate::engine::session::Wake;
use crate::engine::stop::Stop;
use crate::engine::watches::{Watched, Watches};
use crate::failure::chain;
use crate::plan::{Job, SavedFor, Stage};

/// How long the guest's agent may take to be heard after a restore: milliseconds as a rule.
const AGENT: Duration = Duration::from_secs(10);

/// How far a clock that was just set may be off.
const CLOCK: Duration = Duration::from_secs(60);

/// Where an attempt begins.
#[derive(Debug)]
pub(super) enum Origin {
    /// Its machine is switched on; these checkpoints could not be used.
    PowerOn(Vec<Unusable>),
    /// A machine that another scenario left.
    Left(Box<LeftRunning>),
    /// A saved machine that goes on already.
    Checkpoint(Box<Restored>),
}

/// A saved machine that goes on.
#[derive(Debug)]
pub(super) struct Restored {
    found: Found,
    memory: Memory,
    machine: Machine,
    events: MachineEvents,
    unusable: Vec<Unusable>,
}

/// What the engine keeps of an attempt in a checkpoint: what later steps may ask for, beside the machine.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Memory {
    /// Variables that steps have set, with one value for text.
    pub vars: Vec<(String, Remembered)>,
    /// Name of the needle that matched last.
    pub last_seen: Option<String>,
    /// Known defects that were met on the way.
    pub soft_failures: Vec<String>,
    /// Whether the guest's agent was there.
    pub agent: bool,
    /// What was changed about the drives of the machine.
    pub drives: DriveChanges,
    /// What it was saved for.
    pub saved_for: SavedFor,
}

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Remembered {
    /// Text.
    Text(String),
    /// A list.
    List(Vec<String>),
}

impl Memory {
    /// Variables that steps have set.
    ///
    /// # Errors
    /// The name of a secret one: it must not be written down.
    pub(super) fn of_vars(vars: &Vars) -> Result<Vec<(String, Remembered)>, String> {
        vars.assigned()
            .map(|(name, value)| {
                let (texts, remembered) = match value {
                    Value::Text(text) => (
                        std::slice::from_ref(text),
                        Remembered::Text(text.reveal().to_owned()),
                    ),
                    Value::List(items) => {
                        let all = items.iter().map(|item| item.reveal().to_owned());
                        (items.as_slice(), Remembered::List(all.collect()))
                    }
                };
                if texts.iter().any(Text::is_secret) {
                    return Err(name.to_owned());
                }
                Ok((name.to_owned(), remembered))
            })
            .collect()
    }

    fn vars(&self) -> Vars {
        let mut vars = Vars::new();
        for (name, value) in &self.vars {
            match value {
                Remembered::Text(text) => vars.set(name.as_str(), Text::open(text.as_str())),
                Remembered::List(items) => {
                    let items = items.iter().map(|item| Text::open(item.as_str()));
                    vars.set_list(name.as_str(), items.collect());
                }
            }
        }
        vars
    }
}

impl Origin {
    /// For the log.
    pub(super) fn started_from(&self, job: &Job) -> StartedFrom {
        match self {
            Self::PowerOn(_) => StartedFrom::PowerOn,
            Self::Left(left) => StartedFrom::Continued {
                scenario: left.scenario.clone(),
            },
            Self::Checkpoint(restored) => {
                let note = restored.found.lease.note();
                StartedFrom::Checkpoint {
                    scenario: job.stages[restored.found.stage].scenario.name.clone(),
                    key: note.key.short(),
                    saved: note.facts.saved.clone(),
                    age_ms: age_ms(&note.facts.saved),
                    this_run: restored.found.this_run,
                }
            }
        }
    }

    /// The checkpoint of an earlier run, if it starts from one.
    pub(super) fn trusted(&self) -> Option<CheckpointKey> {
        match self {
            Self::Checkpoint(restored) if !restored.found.this_run => {
                Some(restored.found.lease.key())
            }
            Self::PowerOn(_) | Self::Left(_) | Self::Checkpoint(_) => None,
        }
    }

    /// Ends what it has running.
    pub(super) async fn give_up(self) {
        match self {
            Self::PowerOn(_) => {}
            Self::Left(left) => {
                left.session.into_machine().shutdown().await;
            }
            Self::Checkpoint(restored) => {
                restored.machine.shutdown().await;
            }
        }
    }
}

impl Attempt<'_> {
    /// Looks for a checkpoint to start from, and lets its machine go on. One that cannot be used is passed over.
    pub(super) async fn origin(&self) -> Origin {
        let job = self.job;
        // What is wrong with the job is told where its machine would be switched on.
        let Ok(spec) = &job.spec else {
            return Origin::PowerOn(Vec::new());
        };
        let mut unusable = Vec::new();
        loop {
            if self.engine.cancel.is_requested() {
                return Origin::PowerOn(unusable);
            }
            let (found, damaged) = self.engine.checkpoints.find(job, self.trust).await;
            unusable.extend(damaged);
            let Some(found) = found else {
                return Origin::PowerOn(unusable);
            };
            let state = found.lease.note().facts.state.clone();
            let restored = match serde_json::from_value::<Memory>(state) {
                Ok(memory) => {
                    let saved = SavedMachine::in_folder(found.lease.folder());
                    let spec = memory.drives.applied(spec.clone(), &job.media);
                    let offers = self.offers(found.stage + 1);
                    let mut cancel = self.engine.cancel.clone();
                    let machine = tokio::select! {
                        machine = Machine::restore(&spec, &self.folder, &saved, offers) => machine,
                        // Told where the machine would be switched on.
                        () = cancel.requested() => return Origin::PowerOn(unusable),
                    };
                    machine
                        .map(|machine| (memory, machine))
                        .map_err(|error| chain(&error))
                }
                Err(error) => Err(format!("its note cannot be read: {error}")),
            };
            match restored {
                Ok((memory, (machine, events))) => {
                    return Origin::Checkpoint(Box::new(Restored {
                        found,
                        memory,
                        machine,
                        events,
                        unusable,
                    }));
                }
                Err(reason) => {
                    let key = found.lease.key();
                    unusable.push(Unusable {
                        stage: job.stages[found.stage].scenario.name.clone(),
                        reason,
                    });
                    drop(found);
                    self.engine.checkpoints.discard(&key);
                }
            }
        }
    }

    /// Takes the machine over, if there is one; gives the stage to begin with.
    pub(super) async fn take_origin(&mut self, origin: Origin) -> Result<usize, Stop> {
        match origin {
            Origin::PowerOn(unusable) => {
                self.tell_unusable(unusable);
                Ok(0)
            }
            Origin::Left(left) => {
                let own = self.job.stages.len() - 1;
                let watches = Watches::new(
                    &self.job.stages[own].watches,
                    &self.engine.store,
                    &self.folder,
                    Watched::FromNow,
                );
                let mut session = left.session;
                self.journal_place = session.watches().journal_place();
                session.continue_with(watches);
                session.log_to(self.recorder.clone());
                self.session = Some(session);
                self.scale = left.scale;
                self.vars = left.vars;
                self.ground = left.ground;
                self.met_before(left.soft_failures);
                Ok(own)
            }
            Origin::Checkpoint(restored) => {
                let Restored {
                    found,
                    memory,
                    machine,
                    events,
                    unusable,
                } = *restored;
                self.tell_unusable(unusable);
                self.go_on(found, memory, machine, events).await
            }
        }
    }

    /// Goes on with a machine that was saved at the end of a stage; gives the stage that comes next.
    pub(super) async fn go_on(
        &mut self,
        found: Found,
        memory: Memory,
        machine: Machine,
        events: MachineEvents,
    ) -> Result<usize, Stop> {
        let next = found.stage + 1;
        let stage_name = self.job.stages[found.stage].scenario.name.clone();
        let saved = found.lease.note().facts.saved.clone();
        // A kept machine stands behind the last stage.
        let stage = self.job.stages.get(next);
        let watches = stage.map_or(&[][..], |stage| &stage.watches);
        let watches = Watches::new(watches, &self.engine.store, &self.folder, Watched::FromNow);
        self.vars = memory.vars();
        self.last_seen = memory
            .last_seen
            .as_deref()
            .and_then(|name| self.engine.store.named(name).cloned());
        self.met_before(memory.soft_failures);
        self.ground = Some(found.lease);
        self.adopt(machine, events, watches);
        let reason = match memory.agent {
            true => self.set_guest_clock().await?,
            false => Some("it has no agent that could set it".to_owned()),
        };
        if let Some(reason) = reason {
            self.tell_old_clock(&stage_name, &saved, reason);
        }
        Ok(next)
    }

    /// Known defects that were met on the way here count as if the way had been run: where an attempt
    /// starts changes no verdict.
    fn met_before(&mut self, defects: Vec<String>) {
        let known = std::mem::replace(&mut self.soft_failures, defects);
        // What this attempt has met itself is in its log already.
        for defect in self
            .soft_failures
            .iter()
            .filter(|defect| !known.contains(defect))
        {
            self.note(&format!(
                "on the way to where this starts a known defect was met: {defect}"
            ));
        }
    }

    fn tell_unusable(&self, unusable: Vec<Unusable>) {
        for Unusable { stage, reason } in unusable {
            self.recorder
                .record(Event::CheckpointUnusable { stage, reason });
        }
    }

    /// A guest that goes on in the time of its checkpoint is told of, where that is long ago.
    fn tell_old_clock(&self, stage: &str, saved: &str, reason: String) {
        let behind_ms = age_ms(saved);
        if Duration::from_millis(behind_ms) >= CLOCK {
            self.recorder.record(Event::OldClock {
                stage: stage.to_owned(),
                behind_ms,
                reason,
            });
        }
    }

    /// Sets the guest's clock by its agent, as it stood still while the machine was saved. Gives the reason
    /// where that could not be done.
    ///
    /// The clock of the hardware is right by itself: QEMU counts it by the host's.
    async fn set_guest_clock(&mut self) -> Result<Option<String>, Stop> {
        let deadline = Instant::now() + self.scale.apply(AGENT);
        let session = self.session()?;
        let agent = session.machine().agent().clone();
        while !agent.is_connected() {
            if session.wake(Some(deadline)).await? == Wake::Deadline {
                return Ok(Some("its agent is not heard".to_owned()));
            }
        }
        // A clock that jumps lets timers run out: what they start belongs to the scenario.
        self.find_journal_place().await?;
        let session = self.session()?;
        let set = session.during(agent.set_time(SystemTime::now())).await?;
        let Err(error) = set else {
            return Ok(None);
        };
        // An agent that cannot set the hardware's clock (there is no `hwclock`) has set the system's all the same.
        let shown = session.during(agent.time()).await?;
        let is_right = shown.is_ok_and(|shown| distance(shown, SystemTime::now()) < CLOCK);
        Ok((!is_right).then(|| chain(&error)))
    }

    /// Whether the end of a stage from `first` on is to be saved.
    pub(super) fn will_save(&self, first: usize) -> bool {
        let stages = self.job.stages.get(first..).unwrap_or_default();
        stages.iter().any(|stage| self.is_to_be_saved(stage))
    }

    /// Whether others start at the end of the stage and cannot do so yet.
    pub(super) fn is_to_be_saved(&self, stage: &Stage) -> bool {
        stage.shared && self.saves && self.engine.checkpoints.lacks(stage, self.trust)
    }
}

fn distance(one: SystemTime, other: SystemTime) -> Duration {
    one.duration_since(other)
        .or_else(|_| other.duration_since(one))
        .unwrap_or_default()
}

//! Saves the machine at the end of a stage as a checkpoint.

use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

use reports::Event;
use scenarios::Vars;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use vm::checkpoint::{CheckpointFacts, CheckpointKey, Checksum, Draft, Lease};
use vm::{Machine, SaveError, SavedMachine};

use crate::engine::attempt::Attempt;
use crate::engine::bench::Bench;
use crate::engine::checkpoint::{DriveChanges, Found, SavedState};
use crate::engine::session::Session;
use crate::engine::stop::Stop;
use crate::failure::chain;
use crate::millis::millis;
use crate::plan::{SavedFor, Stage, Target};

/// The result of saving a machine.
enum Saved {
    /// The machine ended, and there is a checkpoint of it.
    Kept(Found, SavedState),
    /// The machine was not saved and runs on.
    Not,
    /// The machine ended, and there is no checkpoint of it. Holds the reason, for people.
    Lost(String),
}

impl Attempt<'_> {
    /// Saves the machine at the end of a stage that other scenarios start after, and returns the index of the next
    /// stage. If the job has more stages, the machine is restored from the new checkpoint. If the machine cannot be
    /// saved, it runs on. If it was lost by saving, the earlier stages run again without saving.
    pub(in crate::engine) async fn save(&mut self, index: usize) -> Result<usize, Stop> {
        let stage = &self.job.stages[index];
        let Some(key) = stage.key else {
            return Ok(index + 1);
        };
        let saved = if self.is_to_be_saved(stage) {
            self.save_stage(index, key).await?
        } else {
            Saved::Not
        };
        let is_last = index + 1 == self.job.stages.len();
        let (found, state) = match saved {
            Saved::Kept(found, state) => (found, state),
            Saved::Not => {
                // Other jobs wait for this checkpoint and need not any more. After the last stage they wait for the
                // running machine instead.
                if !is_last {
                    self.engine.settled(stage);
                }
                return Ok(index + 1);
            }
            Saved::Lost(reason) if is_last => {
                // The scenario has held already. Its dependants run the stages on machines of their own.
                self.give_up_saving(stage, key, &reason);
                return Ok(index + 1);
            }
            Saved::Lost(reason) => return self.start_over(stage, key, &reason).await,
        };
        if is_last {
            self.engine.settled(stage);
            return Ok(index + 1);
        }
        let spec = self.bench().spec()?.clone();
        let spec = state.drives.applied(spec, &self.job.media);
        let saved = SavedMachine::in_folder(found.lease.folder());
        let offers = self.offers(index + 1);
        let restored = {
            let mut cancel = self.engine.cancel.clone();
            tokio::select! {
                restored = Machine::restore(&spec, &self.benches.default().folder, &saved, offers) => restored,
                () = cancel.requested() => return Err(Stop::cancelled()),
            }
        };
        match restored {
            Ok((machine, events)) => {
                self.engine.settled(stage);
                self.resume(found, state, machine, events).await
            }
            Err(error) => {
                drop(found);
                let error = chain(&error);
                let reason =
                    format!("the machine could not be restored from its new checkpoint: {error}");
                self.start_over(stage, key, &reason).await
            }
        }
    }

    /// Runs the stages up to here again without saving, because the machine was lost while it was saved. A fault of
    /// saving must not become a verdict on the system under test.
    async fn start_over(
        &mut self,
        stage: &Stage,
        key: CheckpointKey,
        reason: &str,
    ) -> Result<usize, Stop> {
        let reason = format!("{reason}; its stages run again, and it is not saved");
        self.give_up_saving(stage, key, &reason);
        // The same fault would hit the next stage, too, and all stages would have to run once more.
        self.saves = false;
        self.vars = Vars::new();
        self.last_seen = None;
        let bench = self.bench();
        bench.base_checkpoint = None;
        bench.saved_frame = None;
        bench.journal_position = None;
        self.soft_failures.clear();
        let origin = self.origin().await;
        self.take_origin(origin).await
    }

    /// Records that this checkpoint cannot be made in this run, and releases the jobs that wait for it.
    fn give_up_saving(&self, stage: &Stage, key: CheckpointKey, reason: &str) {
        self.engine.checkpoints.give_up(key);
        self.engine.settled(stage);
        self.recorder.record(Event::CheckpointUnusable {
            stage: stage.scenario.name.clone(),
            reason: reason.to_owned(),
        });
    }

    /// Saves the machine as the checkpoint of the stage at `index`.
    async fn save_stage(&mut self, index: usize, key: CheckpointKey) -> Result<Saved, Stop> {
        let stage = &self.job.stages[index];
        if self.bench().session.as_ref().is_none_or(Session::is_over) {
            return Ok(self.not_saved(stage, "the machine is not running any more".to_owned()));
        }
        // A stage that ends before its scenario does was cut there for a person who inspects the scenario.
        let is_cut =
            index + 1 < self.job.stages.len() && stage.scenario.name == self.job.own_name();
        let saved_for = match self.job.inspection.from {
            Some(_) if is_cut => SavedFor::Inspection,
            Some(_) | None => SavedFor::Scenarios,
        };
        let state = match self.saved_state(saved_for) {
            Ok(state) => state,
            Err(reason) => return Ok(self.not_saved(stage, reason)),
        };
        let draft = match self.engine.checkpoints.begin(key, self.trust) {
            Ok(Some(draft)) => draft,
            Ok(None) => {
                return Ok(
                    self.not_saved(stage, "another run is making or using it now".to_owned())
                );
            }
            Err(error) => return Ok(self.not_saved(stage, chain(&error))),
        };
        // The picture is taken before the machine is stopped.
        let picture = self.bench().last_frame(true).await;
        self.bench().settle().await?;
        let began = Instant::now();
        let bench = self.benches.default_mut();
        let cold_ms = bench.cold_ms();
        let saving = match bench.save_in(draft.folder()).await? {
            Ok(saving) => saving,
            Err(reason) => return Ok(self.not_saved(stage, reason)),
        };
        let stood = began.elapsed();
        bench.saved_frame = picture;
        bench.end().await;
        let facts = CheckpointFacts {
            parent: bench
                .base_checkpoint
                .as_ref()
                .map(|base_checkpoint| base_checkpoint.key()),
            scenario: stage.scenario.name.clone(),
            image: self.job.image.name.clone(),
            image_digest: self.job.image.digest.clone().unwrap_or_default(),
            machine: self.job.machine.name.clone(),
            qemu: saving.version,
            saved: OffsetDateTime::now_utc()
                .format(&Rfc3339)
                .unwrap_or_default(),
            cold_ms,
            state: serde_json::to_value(&state).unwrap_or_default(),
        };
        let lease = match commit(draft, saving.memory, facts).await {
            Ok(lease) => lease,
            Err(reason) => {
                return Ok(Saved::Lost(format!(
                    "the checkpoint cannot be written to the cache, make room there: {reason}"
                )));
            }
        };
        let bytes = lease.note().files.iter().map(|file| file.stored).sum();
        self.recorder.record(Event::CheckpointSaved {
            stage: stage.scenario.name.clone(),
            key: key.short(),
            bytes,
            duration_ms: millis(stood),
        });
        let mut found = self.engine.checkpoints.made(lease);
        found.stage = index;
        Ok(Saved::Kept(found, state))
    }

    /// Records why the end of a stage was not saved.
    fn not_saved(&self, stage: &Stage, reason: String) -> Saved {
        self.recorder.record(Event::CheckpointUnusable {
            stage: stage.scenario.name.clone(),
            reason: format!("it was not saved: {reason}"),
        });
        Saved::Not
    }

    /// Returns the state of the attempt that belongs to the checkpoint.
    ///
    /// # Errors
    /// A variable holds a secret: the reason why the state cannot be saved, for people.
    fn saved_state(&self, saved_for: SavedFor) -> Result<SavedState, String> {
        let bench = self.benches.default();
        let vars = SavedState::of_vars(&self.vars)
            .map_err(|name| format!("the variable `{name}` was set and is a secret"))?;
        Ok(SavedState {
            vars,
            last_seen: self
                .last_seen
                .as_ref()
                .map(|needle| needle.name().to_owned()),
            soft_failures: self.soft_failures.clone(),
            drives: bench.drive_changes(),
            agent: bench
                .session
                .as_ref()
                .is_some_and(|session| session.machine().agent().is_connected()),
            saved_for,
        })
    }
}

/// A machine whose RAM was written to a file.
struct Saving {
    /// The checksum of that file.
    memory: Checksum,
    /// The version of QEMU.
    version: String,
}

impl Bench<'_> {
    /// Writes the machine into a folder and leaves it stopped. The inner error is the reason why it was not saved; the
    /// machine then runs on.
    async fn save_in(&mut self, folder: &Path) -> Result<Result<Saving, String>, Stop> {
        let Some(session) = &self.session else {
            return Ok(Err("the machine is off".to_owned()));
        };
        let machine = session.machine();
        match machine.cannot_be_saved().await {
            Ok(None) => {}
            Ok(Some(error)) => return Ok(Err(chain(&error))),
            Err(error) => return Ok(Err(chain(&error))),
        }
        let mut cancel = self.engine.cancel.clone();
        let version = machine.facts().version();
        match machine.save_unless(folder, cancel.requested()).await {
            Ok(saving) => Ok(Ok(Saving {
                memory: saving.memory,
                version,
            })),
            Err(SaveError::GivenUp) => Err(Stop::cancelled()),
            Err(error) => Ok(Err(chain(&error))),
        }
    }

    /// Shuts the machine down and removes it from the bench.
    pub(super) async fn end(&mut self) {
        if let Some(session) = self.session.take() {
            session.end().await;
        }
    }

    /// Returns the changes that steps made to the drives of the machine.
    pub(super) fn drive_changes(&self) -> DriveChanges {
        let launched = self.job.target.as_ref().ok();
        let launched = launched.and_then(Target::virtual_machine);
        let now = self.session.as_ref();
        let now = now.and_then(|session| session.machine().spec());
        match (launched, now) {
            (Some(launched), Some(now)) => DriveChanges::between(launched, now, &self.job.media),
            (None, _) | (_, None) => DriveChanges::default(),
        }
    }

    /// Returns the time in milliseconds from power-on to here. It includes the time that led to the checkpoint from
    /// which the machine was started.
    fn cold_ms(&self) -> u64 {
        let before = self
            .base_checkpoint
            .as_ref()
            .map_or(0, |base_checkpoint| base_checkpoint.note().facts.cold_ms);
        let own = self
            .session
            .as_ref()
            .map_or(Duration::ZERO, |session| session.age());
        before.saturating_add(millis(own))
    }
}

/// Turns a draft into a checkpoint: computes the checksums of its files and flushes them to disk. Runs off the async
/// threads.
///
/// # Errors
/// A file cannot be read or written: the reason, for people.
pub(super) async fn commit(
    mut draft: Draft,
    memory: Checksum,
    facts: CheckpointFacts,
) -> Result<Lease, String> {
    draft.note_checksum("ram", memory);
    tokio::task::spawn_blocking(move || draft.commit(facts))
        .await
        .map_err(|error| error.to_string())?
        .map_err(|error| chain(&error))
}

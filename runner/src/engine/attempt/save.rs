//! The end of a stage becomes a checkpoint.

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
use crate::engine::checkpoint::{DriveChanges, Found, Memory};
use crate::engine::session::Session;
use crate::engine::stop::Stop;
use crate::failure::chain;
use crate::millis::millis;
use crate::plan::{SavedFor, Stage};

/// What came of saving a machine.
enum Saved {
    /// It ended, and there is a checkpoint of it.
    Kept(Found, Memory),
    /// It goes on as it is.
    Not,
    /// It ended, and nothing is left of it.
    Lost(String),
}

impl Attempt<'_> {
    /// Saves the machine at the end of a stage that others start after, and goes on from what was saved where the job
    /// has more to do. Where it cannot be saved, the machine goes on as it is; where it was lost over it, it is brought
    /// here again. Gives the stage that comes next.
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
        let (found, memory) = match saved {
            Saved::Kept(found, memory) => (found, memory),
            Saved::Not => {
                // Others wait for it. Where the job ends without it, they wait for the machine that it leaves.
                if !is_last {
                    self.engine.settled(stage);
                }
                return Ok(index + 1);
            }
            Saved::Lost(reason) if is_last => {
                // All that was to be judged has held. Others come here on machines of their own.
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
        let spec = memory.drives.applied(spec, &self.job.media);
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
                self.go_on(found, memory, machine, events).await
            }
            Err(error) => {
                drop(found);
                let error = chain(&error);
                let reason =
                    format!("the machine did not come back from where it was saved: {error}");
                self.start_over(stage, key, &reason).await
            }
        }
    }

    /// The machine ended when it was saved, and is not to be had any more: it is brought here once more, without being
    /// saved. A machine that takes no harm from its checkpoints alone must not be judged by them.
    async fn start_over(
        &mut self,
        stage: &Stage,
        key: CheckpointKey,
        reason: &str,
    ) -> Result<usize, Stop> {
        let told = format!("{reason}; it is brought there again and not saved");
        self.give_up_saving(stage, key, &told);
        // What went wrong here would do so at the next stage, too, and cost the way to it again.
        self.saves = false;
        self.vars = Vars::new();
        self.last_seen = None;
        let bench = self.bench();
        bench.ground = None;
        bench.saved_frame = None;
        bench.journal_place = None;
        self.soft_failures.clear();
        let origin = self.origin().await;
        self.take_origin(origin).await
    }

    /// Nobody waits for this checkpoint any more, and nobody makes it in this run.
    fn give_up_saving(&self, stage: &Stage, key: CheckpointKey, reason: &str) {
        self.engine.checkpoints.give_up(key);
        self.engine.settled(stage);
        self.recorder.record(Event::CheckpointUnusable {
            stage: stage.scenario.name.clone(),
            reason: reason.to_owned(),
        });
    }

    async fn save_stage(&mut self, index: usize, key: CheckpointKey) -> Result<Saved, Stop> {
        let stage = &self.job.stages[index];
        if self.bench().session.as_ref().is_none_or(Session::is_over) {
            return Ok(self.not_saved(stage, "the machine does not run any more".to_owned()));
        }
        // The end of a stage that is not the end of its scenario is where other scenarios begin, or a person wants to.
        let is_cut =
            index + 1 < self.job.stages.len() && stage.scenario.name == self.job.own_name();
        let saved_for = match self.job.inspection.from {
            Some(_) if is_cut => SavedFor::Inspection,
            Some(_) | None => SavedFor::Scenarios,
        };
        let memory = match self.memory(saved_for) {
            Ok(memory) => memory,
            Err(reason) => return Ok(self.not_saved(stage, reason)),
        };
        let draft = match self.engine.checkpoints.begin(key, self.trust) {
            Ok(Some(draft)) => draft,
            Ok(None) => {
                return Ok(self.not_saved(
                    stage,
                    "another run makes it just now, or uses it".to_owned(),
                ));
            }
            Err(error) => return Ok(self.not_saved(stage, chain(&error))),
        };
        // Before the machine stands still: a picture of it as it is saved.
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
            parent: bench.ground.as_ref().map(|ground| ground.key()),
            scenario: stage.scenario.name.clone(),
            image: self.job.image.name.clone(),
            image_digest: self.job.image.digest.clone().unwrap_or_default(),
            machine: self.job.machine.name.clone(),
            qemu: saving.version,
            saved: OffsetDateTime::now_utc()
                .format(&Rfc3339)
                .unwrap_or_default(),
            cold_ms,
            state: serde_json::to_value(&memory).unwrap_or_default(),
        };
        let lease = match commit(draft, saving.memory, facts).await {
            Ok(lease) => lease,
            Err(reason) => {
                return Ok(Saved::Lost(format!(
                    "the saved machine cannot be kept, make room where the cache is: {reason}"
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
        Ok(Saved::Kept(found, memory))
    }

    fn not_saved(&self, stage: &Stage, reason: String) -> Saved {
        self.recorder.record(Event::CheckpointUnusable {
            stage: stage.scenario.name.clone(),
            reason: format!("it was not saved: {reason}"),
        });
        Saved::Not
    }

    fn memory(&self, saved_for: SavedFor) -> Result<Memory, String> {
        let bench = self.benches.default();
        let vars = Memory::of_vars(&self.vars)
            .map_err(|name| format!("the variable `{name}` was set and is a secret"))?;
        Ok(Memory {
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

/// A machine whose memory was written to a file.
struct Saving {
    memory: Checksum,
    /// The version of QEMU.
    version: String,
}

impl Bench<'_> {
    /// Writes the machine into a folder. It stands still from then on. The inner error is the reason why it was not
    /// saved: it goes on as it is.
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

    /// Ends the machine; the bench is empty then.
    pub(super) async fn end(&mut self) {
        if let Some(session) = self.session.take() {
            session.into_machine().shutdown().await;
        }
    }

    /// What steps have changed about the drives of the machine.
    pub(super) fn drive_changes(&self) -> DriveChanges {
        let (Ok(launched), Some(session)) = (&self.job.spec, &self.session) else {
            return DriveChanges::default();
        };
        DriveChanges::between(launched, session.machine().spec(), &self.job.media)
    }

    /// How long it takes from power-on to here, with the time of the checkpoint that the machine started from.
    fn cold_ms(&self) -> u64 {
        let before = self
            .ground
            .as_ref()
            .map_or(0, |ground| ground.note().facts.cold_ms);
        let own = self
            .session
            .as_ref()
            .map_or(Duration::ZERO, |session| session.age());
        before.saturating_add(millis(own))
    }
}

/// Makes it a checkpoint, off the async threads: its files are summed up and brought to disk.
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

//! The end of a stage becomes a checkpoint.

use std::time::{Duration, Instant};

use reports::Event;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use vm::checkpoint::{CheckpointFacts, CheckpointKey, Draft, Lease};
use vm::{Machine, SavedMachine};

use crate::engine::attempt::Attempt;
use crate::engine::checkpoints::Found;
use crate::engine::job::Stage;
use crate::engine::machine_spec::machine_spec;
use crate::engine::origin::Memory;
use crate::engine::session::Wake;
use crate::engine::stop::Stop;
use crate::failure::chain;

impl Attempt<'_> {
    /// Saves the machine at the end of a stage that others start after, and goes on from what was saved where the job has more to
    /// do. Where that cannot be done, the machine goes on as it is.
    pub(super) async fn save(&mut self, index: usize) -> Result<(), Stop> {
        let stage = &self.job.stages[index];
        let saved = match stage.key {
            Some(key) if self.is_to_be_saved(stage) => self.save_stage(index, key).await?,
            Some(_) | None => None,
        };
        // Others wait for it. Where the job ends without it, they wait for the machine that it leaves.
        if saved.is_some() || index + 1 < self.job.stages.len() {
            self.engine.settled(stage);
        }
        let Some((found, memory)) = saved else {
            return Ok(());
        };
        if index + 1 == self.job.stages.len() {
            return Ok(());
        }
        let spec = machine_spec(&self.job.machine, &self.job.image)?;
        let saved = SavedMachine::in_folder(found.lease.folder());
        let offers = self.offers(index + 1);
        let restored = Machine::restore(&spec, &self.folder, &saved, offers).await;
        let (machine, events) = restored.map_err(|error| {
            Stop::error(reports::CauseKind::Launch, chain(&error))
                .hint("the machine was just saved: `qa cache verify` looks after what is kept")
        })?;
        self.go_on(found, memory, machine, events).await.map(drop)
    }

    async fn save_stage(
        &mut self,
        index: usize,
        key: CheckpointKey,
    ) -> Result<Option<(Found, Memory)>, Stop> {
        let stage = &self.job.stages[index];
        let memory = match self.memory() {
            Ok(memory) => memory,
            Err(reason) => return Ok(self.not_saved(stage, reason)),
        };
        let draft = match self.engine.checkpoints.begin(key, self.trust) {
            Ok(Some(draft)) => draft,
            // Another process makes it just now.
            Ok(None) => return Ok(None),
            Err(error) => return Ok(self.not_saved(stage, chain(&error))),
        };
        self.settle().await?;
        let began = Instant::now();
        let cold_ms = self.cold_ms();
        let Some(session) = &self.session else {
            return Ok(self.not_saved(stage, "the machine is off".to_owned()));
        };
        let (saving, qemu) = {
            let machine = session.machine();
            match machine.cannot_be_saved().await {
                Ok(None) => {}
                Ok(Some(error)) => return Ok(self.not_saved(stage, chain(&error))),
                Err(error) => return Ok(self.not_saved(stage, chain(&error))),
            }
            let saving = match machine.save(draft.folder()).await {
                Ok(saving) => saving,
                Err(error) => return Ok(self.not_saved(stage, chain(&error))),
            };
            (saving, machine.facts().qemu_version.to_string())
        };
        // The last picture of the machine is evidence.
        let _ = self.keep_frame().await;
        let stood = began.elapsed();
        if let Some(session) = self.session.take() {
            session.into_machine().shutdown().await;
        }
        let facts = CheckpointFacts {
            parent: self.ground.as_ref().map(|ground| ground.key()),
            scenario: stage.scenario.name.clone(),
            image: self.job.image.name.clone(),
            image_digest: self.job.image.digest.clone().unwrap_or_default(),
            machine: self.job.machine.name.clone(),
            qemu,
            saved: OffsetDateTime::now_utc()
                .format(&Rfc3339)
                .unwrap_or_default(),
            cold_ms,
            state: serde_json::to_value(&memory).unwrap_or_default(),
        };
        let lease = commit(draft, saving.memory, facts)
            .await
            .map_err(|reason| {
                Stop::error(
                    reports::CauseKind::Harness,
                    format!("the saved machine cannot be kept: {reason}"),
                )
                .hint("make room where the cache is, or run with --no-checkpoints")
            })?;
        let bytes = lease.note().files.iter().map(|file| file.stored).sum();
        self.recorder.record(Event::CheckpointSaved {
            scenario: self.job.name().to_owned(),
            stage: stage.scenario.name.clone(),
            key: key.short(),
            bytes,
            duration_ms: millis(stood),
        });
        let mut found = self.engine.checkpoints.made(lease);
        found.stage = index;
        Ok(Some((found, memory)))
    }

    /// Takes in what the machine did up to now: a machine that broke must not be saved as good.
    async fn settle(&mut self) -> Result<(), Stop> {
        let now = Instant::now();
        let session = self.session()?;
        while session.wake(Some(now)).await? != Wake::Deadline {}
        Ok(())
    }

    fn not_saved(&self, stage: &Stage, reason: String) -> Option<(Found, Memory)> {
        self.recorder.record(Event::CheckpointUnusable {
            scenario: self.job.name().to_owned(),
            stage: stage.scenario.name.clone(),
            reason: format!("it was not saved: {reason}"),
        });
        None
    }

    fn memory(&self) -> Result<Memory, String> {
        let vars = Memory::of_vars(&self.vars)
            .map_err(|name| format!("the variable `{name}` was set and is a secret"))?;
        Ok(Memory {
            vars,
            last_seen: self
                .last_seen
                .as_ref()
                .map(|needle| needle.name().to_owned()),
            soft_failures: self.soft_failures.clone(),
            agent: self
                .session
                .as_ref()
                .is_some_and(|session| session.machine().agent().is_connected()),
        })
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
    memory: vm::checkpoint::Checksum,
    facts: CheckpointFacts,
) -> Result<Lease, String> {
    draft.note_checksum("ram", memory);
    tokio::task::spawn_blocking(move || draft.commit(facts))
        .await
        .map_err(|error| error.to_string())?
        .map_err(|error| chain(&error))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

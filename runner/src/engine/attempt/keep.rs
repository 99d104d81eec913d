//! Keeps the machine on which a scenario failed, so that a person can open it later with `qa resume`.

use std::time::Duration;
use tokio::time::Instant;

use reports::Verdict;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::timeout;
use vm::checkpoint::{CheckpointFacts, CheckpointKey};

use super::save::commit;
use crate::cancel::Cancel;
use crate::engine::attempt::Attempt;
use crate::engine::checkpoint::SavedState;
use crate::engine::stop::Stop;
use crate::failure::chain;
use crate::millis::millis;

/// The longest time that QEMU may take to answer. The scenario may have failed because QEMU hangs.
const ANSWER: Duration = Duration::from_secs(10);

impl Attempt<'_> {
    /// Keeps the machine in its present state after a step did not hold, if the run was asked to. The machine is ended
    /// by that. Returns `stop`, with a hint on how to open the kept machine.
    pub(in crate::engine) async fn keep(&mut self, stop: Stop) -> Stop {
        let Some(kept) = &self.engine.keep else {
            return stop;
        };
        let broke = matches!(stop.verdict(), Verdict::Failed | Verdict::Error);
        if !broke || self.benches.default().session.is_none() {
            return stop;
        }
        let run = self.engine.folder.name();
        let scenario = self.job.name();
        let key = self
            .job
            .base
            .map(|base| kept.key(&base, scenario, self.number));
        let began = Instant::now();
        match self.keep_as(key).await {
            Ok(bytes) => {
                let took = reports::human_duration(millis(began.elapsed()));
                self.note(&format!(
                    "the machine was kept as it was when this failed, {} in {took}",
                    reports::human_size(bytes)
                ));
                stop.hint(format!(
                    "`qa resume {run} {scenario}` opens the machine as it was then"
                ))
            }
            Err(reason) => {
                self.note(&format!("the machine was not kept: {reason}"));
                stop
            }
        }
    }

    /// Saves the machine under `key` and ends it. Returns the number of bytes on disk.
    ///
    /// # Errors
    /// The reason why it was not kept, for people.
    async fn keep_as(&mut self, key: Option<CheckpointKey>) -> Result<u64, String> {
        let key = key.ok_or("its image could not be identified")?;
        let bench = self.benches.default_mut();
        let session = bench
            .session
            .as_ref()
            .filter(|session| !session.is_over())
            .ok_or("it is not running any more")?;
        let agent = session.machine().agent().is_connected();
        let drives = bench.drive_changes();
        let machine = session.machine();
        let cancel = &self.engine.cancel;
        let blocked = answered(cancel, machine.cannot_be_saved()).await?;
        if let Some(error) = blocked.map_err(|error| chain(&error))? {
            return Err(chain(&error));
        }
        let draft = self
            .engine
            .checkpoints
            .begin(key, self.trust)
            .map_err(|error| chain(&error))?
            .ok_or("there are no checkpoints in this run")?;
        // A key that is down when the machine is saved would stay down in the resumed machine.
        let _ = answered(cancel, machine.keyboard().release_all()).await?;
        let qemu = machine.facts().version();
        let mut cancel = cancel.clone();
        let saving = machine
            .save_unless(draft.folder(), cancel.requested())
            .await;
        let saving = saving.map_err(|error| chain(&error))?;
        bench.end().await;
        let state = SavedState {
            agent,
            drives,
            ..SavedState::default()
        };
        let facts = CheckpointFacts {
            parent: bench
                .base_checkpoint
                .as_ref()
                .map(|base_checkpoint| base_checkpoint.key()),
            scenario: self.job.name().to_owned(),
            image: self.job.image.name.clone(),
            image_digest: self.job.image.digest.clone().unwrap_or_default(),
            machine: self.job.machine.name.clone(),
            qemu,
            saved: OffsetDateTime::now_utc()
                .format(&Rfc3339)
                .unwrap_or_default(),
            cold_ms: 0,
            state: serde_json::to_value(&state).unwrap_or_default(),
        };
        let lease = commit(draft, saving.memory, facts).await?;
        Ok(lease.note().files.iter().map(|file| file.stored).sum())
    }
}

/// Returns QEMU's answer.
///
/// # Errors
/// QEMU does not answer within [`ANSWER`], or the user stops the run.
async fn answered<T>(cancel: &Cancel, answer: impl Future<Output = T>) -> Result<T, String> {
    let mut cancel = cancel.clone();
    tokio::select! {
        answer = timeout(ANSWER, answer) => {
            answer.map_err(|_| format!("QEMU did not answer within {} s", ANSWER.as_secs()))
        }
        () = cancel.requested() => Err("the run was stopped".to_owned()),
    }
}

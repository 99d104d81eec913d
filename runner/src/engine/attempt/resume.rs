//! Resumes a saved machine: restores the variables and other state of the attempt, and sets the guest's clock.

use std::time::{Duration, SystemTime};
use tokio::time::Instant;

use reports::Event;
use vm::{Machine, MachineEvents};

use crate::engine::attempt::Attempt;
use crate::engine::bench::Bench;
use crate::engine::checkpoint::{Found, SavedState, age_ms};
use crate::engine::session::Wake;
use crate::engine::stop::Stop;
use crate::engine::watches::{WatchFrom, Watches};
use crate::failure::chain;

/// The longest time that the guest's agent may take to connect after a restore; it usually takes milliseconds.
const AGENT: Duration = Duration::from_secs(10);

/// The largest error of the guest's clock after it was set.
const CLOCK: Duration = Duration::from_secs(60);

impl Attempt<'_> {
    /// Continues with a machine that was saved at the end of a stage. Returns the index of the next stage.
    pub(in crate::engine) async fn resume(
        &mut self,
        found: Found,
        state: SavedState,
        machine: Machine,
        events: MachineEvents,
    ) -> Result<usize, Stop> {
        let next = found.stage + 1;
        let stage_name = self.job.stages[found.stage].scenario.name.clone();
        let saved = found.lease.note().facts.saved.clone();
        // A machine that was kept after a failure has no next stage.
        let stage = self.job.stages.get(next);
        let watches = stage.map_or(&[][..], |stage| &stage.watches);
        self.vars = state.vars();
        self.last_seen = state
            .last_seen
            .as_deref()
            .and_then(|name| self.engine.store.named(name).cloned());
        self.take_over_soft_failures(state.soft_failures);
        let bench = self.benches.default_mut();
        let (store, folder) = (&self.engine.store, &bench.folder);
        let watches = Watches::new(watches, store, folder, WatchFrom::Now);
        bench.base_checkpoint = Some(found.lease);
        bench.adopt(machine, events, watches);
        let reason = match state.agent {
            true => bench.set_guest_clock().await?,
            false => Some("it has no agent that could set it".to_owned()),
        };
        if let Some(reason) = reason {
            bench.record_old_clock(&stage_name, &saved, reason);
        }
        Ok(next)
    }

    /// Takes over the known defects that were met before the checkpoint. They count as if the earlier stages had run in
    /// this attempt, because the starting point must not change the verdict.
    pub(super) fn take_over_soft_failures(&mut self, defects: Vec<String>) {
        let known = std::mem::replace(&mut self.soft_failures, defects);
        // Defects that this attempt has met itself are in its log already.
        for defect in self
            .soft_failures
            .iter()
            .filter(|defect| !known.contains(defect))
        {
            self.note(&format!(
                "a known defect was met before the point where this attempt starts: {defect}"
            ));
        }
    }
}

impl Bench<'_> {
    /// Records that the guest's clock still shows the time of the checkpoint, if that is at least [`CLOCK`] ago.
    fn record_old_clock(&self, stage: &str, saved: &str, reason: String) {
        let behind_ms = age_ms(saved);
        if Duration::from_millis(behind_ms) >= CLOCK {
            self.recorder.record(Event::OldClock {
                stage: stage.to_owned(),
                behind_ms,
                reason,
            });
        }
    }

    /// Sets the guest's clock through its agent, because the clock stood still while the machine was saved. Returns the
    /// reason if the clock could not be set.
    ///
    /// The hardware clock needs no correction, because QEMU derives it from the host's clock.
    async fn set_guest_clock(&mut self) -> Result<Option<String>, Stop> {
        let deadline = Instant::now() + self.scale.apply(AGENT);
        let session = self.session()?;
        let agent = session.machine().agent().clone();
        while !agent.is_connected() {
            if session.wake(Some(deadline)).await? == Wake::Deadline {
                return Ok(Some("its agent did not connect".to_owned()));
            }
        }
        // A clock that jumps makes timers expire. The journal position is taken before, because journal entries of
        // those timers belong to this scenario.
        self.find_journal_position().await?;
        let session = self.session()?;
        let set = session.during(agent.set_time(SystemTime::now())).await?;
        let Err(error) = set else {
            return Ok(None);
        };
        // An agent that cannot set the hardware clock (there is no `hwclock`) reports an error, but has set the system
        // clock.
        let shown = session.during(agent.time()).await?;
        let is_right = shown.is_ok_and(|shown| distance(shown, SystemTime::now()) < CLOCK);
        Ok((!is_right).then(|| chain(&error)))
    }
}

fn distance(one: SystemTime, other: SystemTime) -> Duration {
    one.duration_since(other)
        .or_else(|_| other.duration_since(one))
        .unwrap_or_default()
}

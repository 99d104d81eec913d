//! A machine goes on from where it was saved: what was known then is known again, and its clock is set.

use std::time::{Duration, SystemTime};
use tokio::time::Instant;

use reports::Event;
use vm::{Machine, MachineEvents};

use crate::engine::attempt::Attempt;
use crate::engine::bench::Bench;
use crate::engine::checkpoint::{Found, Memory, age_ms};
use crate::engine::session::Wake;
use crate::engine::stop::Stop;
use crate::engine::watches::{Watched, Watches};
use crate::failure::chain;

/// How long the guest's agent may take to be heard after a restore: milliseconds as a rule.
const AGENT: Duration = Duration::from_secs(10);

/// How far a clock that was just set may be off.
const CLOCK: Duration = Duration::from_secs(60);

impl Attempt<'_> {
    /// Goes on with a machine that was saved at the end of a stage; gives the stage that comes next.
    pub(in crate::engine) async fn go_on(
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
        self.vars = memory.vars();
        self.last_seen = memory
            .last_seen
            .as_deref()
            .and_then(|name| self.engine.store.named(name).cloned());
        self.met_before(memory.soft_failures);
        let bench = self.benches.default_mut();
        let (store, folder) = (&self.engine.store, &bench.folder);
        let watches = Watches::new(watches, store, folder, Watched::FromNow);
        bench.ground = Some(found.lease);
        bench.adopt(machine, events, watches);
        let reason = match memory.agent {
            true => bench.set_guest_clock().await?,
            false => Some("it has no agent that could set it".to_owned()),
        };
        if let Some(reason) = reason {
            bench.tell_old_clock(&stage_name, &saved, reason);
        }
        Ok(next)
    }

    /// Known defects that were met on the way here count as if the way had been run: where an attempt
    /// starts changes no verdict.
    pub(super) fn met_before(&mut self, defects: Vec<String>) {
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
}

impl Bench<'_> {
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
}

fn distance(one: SystemTime, other: SystemTime) -> Duration {
    one.duration_since(other)
        .or_else(|_| other.duration_since(one))
        .unwrap_or_default()
}

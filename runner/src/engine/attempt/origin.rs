//! The starting point of an attempt: power-on, a checkpoint, or the machine that another scenario left.

use reports::{Event, StartedFrom};
use vm::checkpoint::CheckpointKey;
use vm::{Machine, MachineEvents, SavedMachine};

use crate::engine::attempt::{Attempt, LeftRunning};
use crate::engine::checkpoint::{Found, SavedState, Unusable, age_ms};
use crate::engine::stop::Stop;
use crate::engine::watches::{WatchFrom, Watches};
use crate::failure::chain;
use crate::plan::{Job, Target};

/// The starting point of an attempt.
#[derive(Debug)]
pub(in crate::engine) enum Origin {
    /// Power-on. The checkpoints in the list were tried and could not be used.
    PowerOn(Vec<Unusable>),
    /// The machine that another scenario left.
    Left(Box<LeftRunning>),
    /// A machine that was restored from a checkpoint and runs.
    Checkpoint(Box<Restored>),
}

/// A machine that was restored from a checkpoint.
#[derive(Debug)]
pub(in crate::engine) struct Restored {
    found: Found,
    state: SavedState,
    machine: Machine,
    events: MachineEvents,
    unusable: Vec<Unusable>,
}

impl Origin {
    /// Returns the starting point for the event log.
    pub(in crate::engine) fn started_from(&self, job: &Job) -> StartedFrom {
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

    /// Returns the checkpoint of an earlier run that the attempt starts from; none if it starts elsewhere.
    pub(in crate::engine) fn earlier_checkpoint(&self) -> Option<CheckpointKey> {
        match self {
            Self::Checkpoint(restored) if !restored.found.this_run => {
                Some(restored.found.lease.key())
            }
            Self::PowerOn(_) | Self::Left(_) | Self::Checkpoint(_) => None,
        }
    }

    /// Shuts its machine down, if it has one.
    pub(in crate::engine) async fn give_up(self) {
        match self {
            Self::PowerOn(_) => {}
            Self::Left(left) => {
                left.session.end().await;
            }
            Self::Checkpoint(restored) => {
                restored.machine.shutdown().await;
            }
        }
    }
}

impl Attempt<'_> {
    /// Finds the nearest checkpoint before the job's end and restores its machine. A checkpoint that cannot be used is
    /// skipped, and the next one is tried.
    pub(in crate::engine) async fn origin(&self) -> Origin {
        let job = self.job;
        // The error in the machine's description is reported when the machine is to be switched on.
        // A board cannot be restored.
        let Ok(Some(spec)) = job.target.as_ref().map(Target::virtual_machine) else {
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
            let restored = match serde_json::from_value::<SavedState>(state) {
                Ok(state) => {
                    let saved = SavedMachine::in_folder(found.lease.folder());
                    let spec = state.drives.applied(spec.clone(), &job.media);
                    let offers = self.offers(found.stage + 1);
                    let mut cancel = self.engine.cancel.clone();
                    let machine = tokio::select! {
                        machine = Machine::restore(&spec, &self.benches.default().folder, &saved, offers) => machine,
                        // The cancellation is reported when the machine is to be switched on.
                        () = cancel.requested() => return Origin::PowerOn(unusable),
                    };
                    machine
                        .map(|machine| (state, machine))
                        .map_err(|error| chain(&error))
                }
                Err(error) => Err(format!("its note cannot be read: {error}")),
            };
            match restored {
                Ok((state, (machine, events))) => {
                    return Origin::Checkpoint(Box::new(Restored {
                        found,
                        state,
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

    /// Takes over the machine of the origin, if there is one. Returns the index of the first stage to run.
    pub(in crate::engine) async fn take_origin(&mut self, origin: Origin) -> Result<usize, Stop> {
        match origin {
            Origin::PowerOn(unusable) => {
                self.record_unusable(unusable);
                Ok(0)
            }
            Origin::Left(left) => {
                let own = self.job.stages.len() - 1;
                let bench = self.benches.default_mut();
                let stage = &self.job.stages[own];
                let (store, folder) = (&self.engine.store, &bench.folder);
                let watches = Watches::new(&stage.watches, store, folder, WatchFrom::Now);
                let mut session = left.session;
                bench.journal_position = session.watches().journal_position();
                session.continue_with(watches);
                session.log_to(bench.recorder.clone());
                let serial_from = session.machine().serial().position();
                bench.session = Some(session);
                bench.roll_film(serial_from);
                bench.scale = left.scale;
                bench.base_checkpoint = left.base_checkpoint;
                self.vars = left.vars;
                self.take_over_soft_failures(left.soft_failures);
                Ok(own)
            }
            Origin::Checkpoint(restored) => {
                let Restored {
                    found,
                    state,
                    machine,
                    events,
                    unusable,
                } = *restored;
                self.record_unusable(unusable);
                self.resume(found, state, machine, events).await
            }
        }
    }

    /// Records the checkpoints that could not be used.
    fn record_unusable(&self, unusable: Vec<Unusable>) {
        for Unusable { stage, reason } in unusable {
            self.recorder
                .record(Event::CheckpointUnusable { stage, reason });
        }
    }
}

//! Where an attempt begins: at power-on, at a checkpoint, or on the machine that another scenario left.

use reports::{Event, StartedFrom};
use vm::checkpoint::CheckpointKey;
use vm::{Machine, MachineEvents, SavedMachine};

use crate::engine::attempt::{Attempt, LeftRunning};
use crate::engine::checkpoint::{Found, Memory, Unusable, age_ms};
use crate::engine::stop::Stop;
use crate::engine::watches::{Watched, Watches};
use crate::failure::chain;
use crate::plan::Job;

/// Where an attempt begins.
#[derive(Debug)]
pub(in crate::engine) enum Origin {
    /// Its machine is switched on; these checkpoints could not be used.
    PowerOn(Vec<Unusable>),
    /// A machine that another scenario left.
    Left(Box<LeftRunning>),
    /// A saved machine that goes on already.
    Checkpoint(Box<Restored>),
}

/// A saved machine that goes on.
#[derive(Debug)]
pub(in crate::engine) struct Restored {
    found: Found,
    memory: Memory,
    machine: Machine,
    events: MachineEvents,
    unusable: Vec<Unusable>,
}

impl Origin {
    /// For the log.
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

    /// The checkpoint of an earlier run, if it starts from one.
    pub(in crate::engine) fn trusted(&self) -> Option<CheckpointKey> {
        match self {
            Self::Checkpoint(restored) if !restored.found.this_run => {
                Some(restored.found.lease.key())
            }
            Self::PowerOn(_) | Self::Left(_) | Self::Checkpoint(_) => None,
        }
    }

    /// Ends what it has running.
    pub(in crate::engine) async fn give_up(self) {
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
    pub(in crate::engine) async fn origin(&self) -> Origin {
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
                        machine = Machine::restore(&spec, &self.benches.default().folder, &saved, offers) => machine,
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
    pub(in crate::engine) async fn take_origin(&mut self, origin: Origin) -> Result<usize, Stop> {
        match origin {
            Origin::PowerOn(unusable) => {
                self.tell_unusable(unusable);
                Ok(0)
            }
            Origin::Left(left) => {
                let own = self.job.stages.len() - 1;
                let bench = self.benches.default_mut();
                let stage = &self.job.stages[own];
                let (store, folder) = (&self.engine.store, &bench.folder);
                let watches = Watches::new(&stage.watches, store, folder, Watched::FromNow);
                let mut session = left.session;
                bench.journal_place = session.watches().journal_place();
                session.continue_with(watches);
                session.log_to(bench.recorder.clone());
                bench.session = Some(session);
                bench.scale = left.scale;
                bench.ground = left.ground;
                self.vars = left.vars;
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

    fn tell_unusable(&self, unusable: Vec<Unusable>) {
        for Unusable { stage, reason } in unusable {
            self.recorder
                .record(Event::CheckpointUnusable { stage, reason });
        }
    }
}

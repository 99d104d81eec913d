//! One try of a scenario: its stages and steps.

mod ending;
mod step;

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

use needles::Needle;
use reports::{AttemptReason, CauseKind, Event, FrameRef, Verdict};
use scenarios::{Keyboard, PlannedStep, Vars};
use vm::checkpoint::{CheckpointKey, Lease};
use vm::{Machine, MachineSpec};

use crate::deadline::Scale;
use crate::engine::frame_keeper::FrameKeeper;
use crate::engine::origin::Origin;
use crate::engine::panic_point;
use crate::engine::run::Engine;
use crate::engine::session::Session;
use crate::engine::steps::Acted;
use crate::engine::stop::Stop;
use crate::engine::watches::{Since, Watched, Watches};
use crate::failure::chain;
use crate::host::launch_hint;
use crate::plan::{Job, Stage, Trust};
use crate::recorder::Recorder;
use crate::results::RunFolder;

pub(super) use step::diagnostic_stop;

/// One try of a scenario.
#[derive(Debug)]
pub(super) struct Attempt<'e> {
    pub(super) engine: &'e Engine,
    pub(super) job: &'e Job,
    pub(super) session: Option<Session>,
    pub(super) keeper: FrameKeeper,
    pub(super) vars: Vars,
    pub(super) scale: Scale,
    /// The needle that matched last: what `seen(tag)` asks.
    pub(super) last_seen: Option<Arc<Needle>>,
    /// Its events go to the log with its number.
    pub(super) recorder: Recorder,
    /// Which checkpoints it may use.
    pub(super) trust: Trust,
    pub(super) folder: PathBuf,
    /// The checkpoint that its machine goes back to.
    pub(super) ground: Option<Arc<Lease>>,
    pub(super) number: u32,
    /// Counts the machines of this attempt, to tell their frames apart.
    pub(super) machine_number: u32,
    pub(super) stage: String,
    /// The watches that `watch:` of the stage's scenario switches off.
    pub(super) switched_off: Vec<String>,
    /// The keyboard that the steps of the stage type on.
    pub(super) keyboard: Keyboard,
    /// The last action with keyboard or pointer, until it is in the event log.
    pub(super) acted: Option<Acted>,
    /// The place of the step that runs, such as `3.1`.
    pub(super) at_step: String,
    /// True if it was said that nothing tells whether what is typed arrives.
    pub(super) types_blindly: bool,
    pub(super) soft_failures: Vec<String>,
    /// True if ends of stages are saved: not once a person may have changed the machine, nor once saving has cost one,
    /// nor where a checkpoint is on trial.
    pub(super) saves: bool,
    /// The last picture of a machine that was saved.
    pub(super) saved_frame: Option<FrameRef>,
    /// Up to where the journal was read before the stage that comes next.
    pub(super) journal_place: Option<Since>,
}

/// How an attempt is to be made.
#[derive(Debug)]
pub(super) struct Try {
    /// 1 for the first.
    pub number: u32,
    /// The reason why it is made after others; none for the first, and for repetitions.
    pub reason: Option<AttemptReason>,
    /// Which checkpoints it may start from.
    pub trust: Trust,
    /// True if it saves ends of stages.
    pub saves: bool,
    /// The machine that a scenario left, if it goes on there.
    pub left: Option<LeftRunning>,
}

/// A machine that a scenario left running, for one that starts where it ended.
#[derive(Debug)]
pub(super) struct LeftRunning {
    /// The machine.
    pub session: Session,
    /// The scenario that ran on it last.
    pub scenario: String,
    /// The cell it is of.
    pub cell: usize,
    /// How deadlines scale on it.
    pub scale: Scale,
    /// What its scenarios have set so far.
    pub vars: Vars,
    /// The checkpoint that it goes back to.
    pub ground: Option<Arc<Lease>>,
    /// Known defects that were met on it.
    pub soft_failures: Vec<String>,
}

/// How an attempt ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// The judgement.
    pub verdict: Verdict,
    /// The machine, if it can go on and its end was not saved.
    pub left: Option<LeftRunning>,
    /// The stage that did not hold.
    pub failed_stage: Option<String>,
    /// The checkpoint of an earlier run that it started from.
    pub trusted: Option<CheckpointKey>,
}

/// The time that everything before the end of an attempt has when the user stops the run.
const STAGES_END: Duration = Duration::from_millis(600);

impl<'e> Attempt<'e> {
    /// Runs the job from its beginning, from a checkpoint on its way, or where `left` ended, and records all of it.
    pub(super) async fn run(engine: &'e Engine, job: &'e Job, how: Try) -> Ended {
        let began = Instant::now();
        let name = job.name().to_owned();
        let scenario_folder = RunFolder::scenario_name(&name, how.number);
        let folder = engine.folder.path().join(&scenario_folder);
        let mut attempt = Self {
            engine,
            job,
            session: None,
            keeper: FrameKeeper::new(engine.folder.path(), scenario_folder),
            vars: Vars::new(),
            scale: Scale::new(true, None),
            last_seen: None,
            recorder: engine.recorder.of_attempt(&name, how.number),
            trust: how.trust,
            folder,
            ground: None,
            saved_frame: None,
            journal_place: None,
            number: how.number,
            machine_number: 0,
            stage: String::new(),
            switched_off: Vec::new(),
            keyboard: Keyboard::default(),
            acted: None,
            at_step: String::new(),
            types_blindly: false,
            soft_failures: Vec::new(),
            saves: how.saves,
        };
        let made = engine.folder.scenario(&name, how.number);
        let origin = match (&made, how.left) {
            (Ok(_), None) => attempt.origin().await,
            (_, Some(left)) => Origin::Left(Box::new(left)),
            (Err(_), None) => Origin::PowerOn(Vec::new()),
        };
        let trusted = origin.trusted();
        attempt.recorder.record(Event::ScenarioStarted {
            from: origin.started_from(job),
            reason: how.reason,
        });
        for remark in &job.remarks {
            attempt.note(remark);
        }
        panic_point::pass(job.name());
        let result = match made {
            Ok(_) => {
                let mut cancel = engine.cancel.clone();
                tokio::select! {
                    biased;
                    done = attempt.stages(origin) => done,
                    () = cancel.overdue(STAGES_END) => Err(Stop::cancelled()),
                }
            }
            Err(error) => {
                origin.give_up().await;
                Err(Stop::unwritable("the folder of the scenario", &error))
            }
        };
        attempt.finish(result, began, trusted).await
    }

    async fn stages(&mut self, origin: Origin) -> Result<(), Stop> {
        let job = self.job;
        if let Some(missing) = &job.missing {
            origin.give_up().await;
            return Err(Stop::missing(missing.clone()));
        }
        if let Some(lack) = &job.host_lack {
            origin.give_up().await;
            let stop = Stop::error(CauseKind::Launch, lack.message.clone());
            return Err(stop.hint(lack.hint.clone()));
        }
        let mut next = self.take_origin(origin).await?;
        self.tell_way(next);
        while let Some(stage) = job.stages.get(next) {
            let began = Instant::now();
            self.stage(stage).await?;
            self.engine.note_duration(stage, began.elapsed());
            next = self.save(next).await?;
        }
        match &job.inspection.stays {
            Some(why) => self.stay(why).await,
            None => Ok(()),
        }
    }

    async fn stage(&mut self, stage: &'e Stage) -> Result<(), Stop> {
        stage.scenario.name.clone_into(&mut self.stage);
        self.switched_off = stage.off.clone();
        self.keyboard = stage.keyboard;
        let mut vars = stage.vars.clone();
        vars.take_over(&self.vars);
        if stage.scenario.name == self.job.own_name() {
            vars.set_attempt(self.number);
        }
        self.vars = vars;
        self.recorder.record(Event::StageStarted {
            stage: stage.scenario.name.clone(),
            steps: stage.steps.iter().map(PlannedStep::count).sum(),
        });
        match &mut self.session {
            Some(session) => {
                let watches = Watches::new(
                    &stage.watches,
                    &self.engine.store,
                    &self.folder,
                    Watched::FromNow,
                );
                session.continue_with(watches);
                self.begin_journal().await?;
            }
            None => {
                let watches = Watches::new(
                    &stage.watches,
                    &self.engine.store,
                    &self.folder,
                    Watched::FromPowerOn,
                );
                self.launch(watches).await?;
            }
        }
        self.steps(&stage.steps).await?;
        self.watch_round().await?;
        let session = self.session.as_mut();
        self.journal_place = session.and_then(|session| session.watches().journal_place());
        Ok(())
    }

    /// Returns what `vm` makes the job's machine of.
    pub(super) fn spec(&self) -> Result<&'e MachineSpec, Stop> {
        self.job.spec.as_ref().map_err(|missing| {
            let stop = Stop::error(CauseKind::Image, missing.message.clone());
            stop.hint(missing.hint.clone())
        })
    }

    /// Switches the job's machine on.
    async fn launch(&mut self, watches: Watches) -> Result<(), Stop> {
        let (spec, offers) = (self.spec()?, self.offers(0));
        let launch = self.engine.machines.launch(spec, &self.folder, offers);
        let mut cancel = self.engine.cancel.clone();
        let launched = tokio::select! {
            launched = launch => launched,
            () = cancel.requested() => return Err(Stop::cancelled()),
        };
        let (machine, events) = launched.map_err(|error| {
            let kind = match &error {
                vm::LaunchError::Image(_) => CauseKind::Image,
                _ => CauseKind::Launch,
            };
            Stop::error(kind, chain(&error)).hint(launch_hint(&error))
        })?;
        self.adopt(machine, events, watches);
        Ok(())
    }

    /// Takes over a machine that was just launched, and writes down what it is.
    pub(super) fn adopt(&mut self, machine: Machine, events: vm::MachineEvents, watches: Watches) {
        let facts = machine.facts();
        self.scale = Scale::new(facts.is_emulated(), self.engine.deadline_scale);
        self.machine_number += 1;
        self.recorder.record(Event::MachineStarted {
            facts: reports::MachineFacts {
                name: self.job.machine.name.clone(),
                arch: facts.arch.to_string(),
                firmware: facts.firmware.clone(),
                cpu: facts.cpu_model.clone(),
                cpus: facts.cpus,
                memory_mib: u64::from(facts.memory_mib),
                deadline_factor: self.scale.factor(),
                backend: match &facts.backend {
                    vm::BackendFacts::Qemu(qemu) => reports::BackendFacts::Qemu {
                        version: qemu.version.to_string(),
                        accel: qemu.accel.name().to_owned(),
                        accel_reason: qemu.accel.reason().to_owned(),
                    },
                    vm::BackendFacts::Scripted => reports::BackendFacts::Scripted,
                },
            },
        });
        let session = Session::new(
            machine,
            events,
            watches,
            self.engine.cancel.clone(),
            self.recorder.clone(),
        );
        for secret in self.recorder.secrets() {
            session.conceal(&secret);
        }
        self.session = Some(session);
    }

    /// The running machine.
    pub(super) fn session(&mut self) -> Result<&mut Session, Stop> {
        self.session.as_mut().ok_or_else(|| {
            Stop::error(
                CauseKind::Scenario,
                "the machine is off; a `power: on` step must come first",
            )
        })
    }

    /// Runs steps in order until one does not hold.
    pub(super) fn steps<'a>(
        &'a mut self,
        steps: &'a [PlannedStep],
    ) -> Pin<Box<dyn Future<Output = Result<(), Stop>> + Send + 'a>> {
        // Boxed because groups hold steps that hold groups.
        Box::pin(async move {
            for step in steps {
                self.step(step).await?;
            }
            Ok(())
        })
    }

    /// Notes a known defect.
    pub(super) fn soft_failure(&mut self, reason: &str, ticket: Option<&str>) {
        self.soft_failures.push(match ticket {
            Some(ticket) => format!("{reason} ({ticket})"),
            None => reason.to_owned(),
        });
        self.recorder.record(Event::SoftFailure {
            reason: reason.to_owned(),
            ticket: ticket.map(str::to_owned),
        });
    }

    /// Writes a remark into the log.
    pub(super) fn note(&self, text: &str) {
        self.recorder.record(Event::Note {
            text: text.to_owned(),
        });
    }
}

//! The stages of an attempt, from where it begins to its end.

use std::pin::Pin;
use std::time::Duration;
use tokio::time::Instant;

use reports::{CauseKind, Event};
use scenarios::{PlannedStep, Vars};

use super::origin::Origin;
use super::{Attempt, Ended, Try};
use crate::engine::bench::Benches;
use crate::engine::panic_point;
use crate::engine::shared::Engine;
use crate::engine::stop::Stop;
use crate::engine::watches::{Watched, Watches};
use crate::plan::{Job, Stage};
use crate::results::RunFolder;

/// The time that everything before the end of an attempt has when the user stops the run.
const STAGES_END: Duration = Duration::from_millis(600);

impl<'e> Attempt<'e> {
    /// Runs the job from its beginning, from a checkpoint on its way, or where `left` ended, and records all of it.
    pub(in crate::engine) async fn run(engine: &'e Engine, job: &'e Job, how: Try) -> Ended {
        let began = Instant::now();
        let name = job.name().to_owned();
        let recorder = engine.recorder.of_attempt(&name, how.number);
        let attempt_folder = RunFolder::scenario_name(&name, how.number);
        let mut attempt = Self {
            engine,
            job,
            benches: Benches::one(engine, job, &recorder, &attempt_folder),
            vars: Vars::new(),
            last_seen: None,
            recorder,
            trust: how.trust,
            number: how.number,
            stage: String::new(),
            switched_off: Vec::new(),
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
        let offers = self.offers(0);
        let bench = self.bench();
        bench.keyboard = stage.keyboard;
        let watched = match &bench.session {
            Some(_) => Watched::FromNow,
            None => Watched::FromPowerOn,
        };
        let watches = Watches::new(&stage.watches, &bench.engine.store, &bench.folder, watched);
        match &mut bench.session {
            Some(session) => {
                session.continue_with(watches);
                bench.begin_journal().await?;
            }
            None => bench.launch(watches, offers).await?,
        }
        self.steps(&stage.steps).await?;
        let stage_name = self.stage.clone();
        for bench in self.benches.iter_mut() {
            bench.last_round_of_watches(&stage_name).await?;
        }
        Ok(())
    }

    /// Runs steps in order until one does not hold.
    pub(in crate::engine) fn steps<'a>(
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
}

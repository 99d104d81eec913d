//! Runs the stages of an attempt, from its starting point to its end.

use std::pin::Pin;
use std::time::Duration;
use tokio::time::Instant;

use reports::{CauseKind, Event};
use scenarios::{PlannedStep, Vars};

use super::origin::Origin;
use super::{Attempt, AttemptOptions, Ended};
use crate::engine::bench::Benches;
use crate::engine::panic_point;
use crate::engine::shared::Engine;
use crate::engine::stop::Stop;
use crate::engine::watches::{WatchFrom, Watches};
use crate::plan::{Job, Stage, Stay};
use crate::results::RunFolder;

/// The longest time that the steps of an attempt may still take after the user stopped the run.
const STAGES_END: Duration = Duration::from_millis(600);

impl<'e> Attempt<'e> {
    /// Runs the job and records its events. Starts on the machine that `options` hands over, else at the nearest
    /// checkpoint, else at power-on.
    pub(in crate::engine) async fn run(
        engine: &'e Engine,
        job: &'e Job,
        options: AttemptOptions,
    ) -> Ended {
        let began = Instant::now();
        let name = job.name().to_owned();
        let recorder = engine.recorder.of_attempt(&name, options.number);
        let attempt_folder = RunFolder::scenario_name(&name, options.number);
        let mut attempt = Self {
            engine,
            job,
            benches: Benches::one(engine, job, &recorder, &attempt_folder),
            vars: Vars::new(),
            last_seen: None,
            recorder,
            trust: options.trust,
            number: options.number,
            stage: String::new(),
            switched_off: Vec::new(),
            soft_failures: Vec::new(),
            saves: options.saves,
        };
        let made = engine.folder.scenario(&name, options.number);
        let origin = match (&made, options.left) {
            (Ok(_), None) => attempt.origin().await,
            (_, Some(left)) => Origin::Left(Box::new(left)),
            (Err(_), None) => Origin::PowerOn(Vec::new()),
        };
        let earlier_checkpoint = origin.earlier_checkpoint();
        attempt.recorder.record(Event::ScenarioStarted {
            from: origin.started_from(job),
            reason: options.reason,
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
        attempt.finish(result, began, earlier_checkpoint).await
    }

    /// Runs the stages that are left after the origin.
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
        self.note_steps_before(next);
        while let Some(stage) = job.stages.get(next) {
            let began = Instant::now();
            self.stage(stage).await?;
            self.engine.note_duration(stage, began.elapsed());
            next = self.save(next).await?;
        }
        match &job.inspection.stays {
            Some(Stay::Person(why)) => self.stay(why).await,
            Some(Stay::Look(limits)) => self.look(*limits).await,
            None => Ok(()),
        }
    }

    /// Runs the steps of one stage, then the last round of its watches. Switches the machine on if there is none.
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
            Some(_) => WatchFrom::Now,
            None => WatchFrom::PowerOn,
        };
        let watches = Watches::new(&stage.watches, &bench.engine.store, &bench.folder, watched);
        match &mut bench.session {
            Some(session) => {
                session.continue_with(watches);
                bench.begin_journal().await?;
            }
            None => bench.launch(watches, offers).await?,
        }
        let stage_name = self.stage.clone();
        if let Err(stop) = self.steps(&stage.steps).await {
            for bench in self.benches.iter_mut() {
                bench.note_unchecked_watches(&stage_name);
            }
            return Err(stop);
        }
        for bench in self.benches.iter_mut() {
            bench.last_round_of_watches(&stage_name).await?;
        }
        Ok(())
    }

    /// Runs steps in order.
    ///
    /// # Errors
    /// The reason of the first step that did not hold; the steps after it do not run.
    pub(in crate::engine) fn steps<'a>(
        &'a mut self,
        steps: &'a [PlannedStep],
    ) -> Pin<Box<dyn Future<Output = Result<(), Stop>> + Send + 'a>> {
        // Boxed because the future is recursive: groups contain steps, which may be groups.
        Box::pin(async move {
            for step in steps {
                self.step(step).await?;
            }
            Ok(())
        })
    }
}

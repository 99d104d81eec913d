//! The end of an attempt: decides its verdict, and shuts its machine down or hands it to the next scenario.

use std::time::Duration;
use tokio::time::Instant;

use reports::{Cause, CauseKind, Event, Verdict};
use vm::checkpoint::CheckpointKey;

use super::{Attempt, Ended, LeftRunning};
use crate::engine::stop::Stop;
use crate::millis::millis;

/// The longest time that an attempt waits for its machine to end after the user stopped the run.
const MACHINE_ENDS: Duration = Duration::from_millis(500);

impl Attempt<'_> {
    /// Decides the verdict of the attempt and records it. Ends the machine, unless the next scenario may continue on
    /// it.
    pub(super) async fn finish(
        mut self,
        result: Result<(), Stop>,
        began: Instant,
        earlier_checkpoint: Option<CheckpointKey>,
    ) -> Ended {
        let last_frame = self.bench().last_frame(result.is_ok()).await;
        for bench in self.benches.iter_mut() {
            bench.record_input();
            bench.stop_film().await;
            bench.record_lost_logs();
        }
        let result = match result {
            Err(stop) => Err(self.keep(stop).await),
            Ok(()) => Ok(()),
        };
        let mut left = self.leave();
        let mut result = result.map_err(|stop| self.or_changed_image(stop));
        if result.is_ok()
            && let Some(stop) = self.changed_image()
        {
            result = Err(stop);
        }
        if let Some(error) = self.recorder.broken() {
            let lost = Stop::error(
                CauseKind::Harness,
                format!("the event log cannot be written: {error}"),
            )
            .hint("make room where the results go, or give another folder with --results");
            result = match result {
                Ok(()) => Err(lost),
                Err(stop) => Err(stop.without_evidence(&lost)),
            };
        }
        let (verdict, cause): (Verdict, Option<Cause>) = match &result {
            Ok(()) if !self.soft_failures.is_empty() => (Verdict::SoftFailed, None),
            Ok(()) => (Verdict::Passed, None),
            Err(stop) => (stop.verdict(), Some(stop.cause().clone())),
        };
        // The next scenario may only start on a machine on which every step held.
        if result.is_err()
            && let Some(broken) = left.take()
        {
            let end = broken.session.end();
            if verdict == Verdict::Cancelled {
                // A machine that does not answer in time is killed when it is dropped.
                let _ = tokio::time::timeout(MACHINE_ENDS, end).await;
            } else {
                end.await;
            }
        }
        let kind = cause.as_ref().map(|cause| cause.kind.clone());
        self.recorder.record(Event::ScenarioFinished {
            verdict,
            cause,
            duration_ms: millis(began.elapsed()),
            last_frame,
            files: self
                .engine
                .folder
                .machine_files(self.job.name(), self.number),
        });
        Ended {
            verdict,
            cause: kind,
            left,
            failed_stage: result.is_err().then_some(self.stage),
            earlier_checkpoint,
        }
    }

    /// Returns the machine for a scenario that starts where this one ended; none if the machine is gone.
    fn leave(&mut self) -> Option<LeftRunning> {
        let bench = self.benches.default_mut();
        let session = bench.session.take()?;
        Some(LeftRunning {
            session,
            scenario: self.job.own_name().to_owned(),
            cell: self.job.cell,
            scale: bench.scale,
            vars: std::mem::take(&mut self.vars),
            base_checkpoint: bench.base_checkpoint.take(),
            soft_failures: self.soft_failures.clone(),
        })
    }

    /// Returns an image error instead of a failure if the image file changed while the machine ran. Returns any other
    /// `stop` unchanged.
    fn or_changed_image(&self, stop: Stop) -> Stop {
        match stop.verdict() {
            Verdict::Failed => self.changed_image().unwrap_or(stop),
            Verdict::Passed
            | Verdict::SoftFailed
            | Verdict::Flaky
            | Verdict::Error
            | Verdict::Skipped
            | Verdict::Cancelled => stop,
        }
    }

    /// Returns an error if the image file changed since the machine was started.
    fn changed_image(&self) -> Option<Stop> {
        let change = self.job.image.stamp.as_ref()?.change()?;
        let message = format!("the image changed while the machine ran: {change}");
        let stop = Stop::error(CauseKind::Image, message);
        Some(stop.hint("run it again, and make sure that nothing writes to the image meanwhile"))
    }
}

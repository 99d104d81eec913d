//! The end of an attempt: its verdict, and what becomes of its machine.

use std::time::Duration;
use tokio::time::Instant;

use reports::{Cause, CauseKind, Event, Verdict};
use vm::checkpoint::CheckpointKey;

use super::{Attempt, Ended, LeftRunning};
use crate::engine::stop::Stop;
use crate::millis::millis;

/// The time that the machine of an attempt has to end when the user stops the run.
const MACHINE_ENDS: Duration = Duration::from_millis(500);

impl Attempt<'_> {
    /// Judges the attempt, ends its machine unless the next scenario may go on there, and records all of it.
    pub(super) async fn finish(
        mut self,
        result: Result<(), Stop>,
        began: Instant,
        trusted: Option<CheckpointKey>,
    ) -> Ended {
        let last_frame = self.bench().last_frame(result.is_ok()).await;
        for bench in self.benches.iter_mut() {
            bench.tell_input();
            bench.tell_lost_logs();
        }
        let result = match result {
            Err(stop) => Err(self.keep(stop).await),
            Ok(()) => Ok(()),
        };
        let mut left = self.leave();
        let mut result = result.map_err(|stop| self.of_the_same_image(stop));
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
                Err(stop) => Err(stop.unshown(&lost)),
            };
        }
        let (verdict, cause): (Verdict, Option<Cause>) = match &result {
            Ok(()) if !self.soft_failures.is_empty() => (Verdict::SoftFailed, None),
            Ok(()) => (Verdict::Passed, None),
            Err(stop) => (stop.verdict(), Some(stop.cause().clone())),
        };
        // Only a machine on which everything held is where the next scenario may start.
        if result.is_err()
            && let Some(broken) = left.take()
        {
            let machine = broken.session.into_machine();
            if verdict == Verdict::Cancelled {
                // One that does not answer is killed: dropping it does that.
                let _ = tokio::time::timeout(MACHINE_ENDS, machine.shutdown()).await;
            } else {
                machine.shutdown().await;
            }
        }
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
            left,
            failed_stage: result.is_err().then_some(self.stage),
            trusted,
        }
    }

    /// Returns the machine, for a scenario that goes on where this one ended.
    fn leave(&mut self) -> Option<LeftRunning> {
        let bench = self.benches.default_mut();
        let session = bench.session.take()?;
        Some(LeftRunning {
            session,
            scenario: self.job.own_name().to_owned(),
            cell: self.job.cell,
            scale: bench.scale,
            vars: std::mem::take(&mut self.vars),
            ground: bench.ground.take(),
            soft_failures: self.soft_failures.clone(),
        })
    }

    /// The same, unless it blames the system under test for an image that somebody changed under it.
    fn of_the_same_image(&self, stop: Stop) -> Stop {
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

    /// Returns what is wrong if the image is not the one any more that the machine was started with.
    fn changed_image(&self) -> Option<Stop> {
        let change = self.job.image.stamp.as_ref()?.change()?;
        let message = format!("the image changed while the machine ran: {change}");
        let stop = Stop::error(CauseKind::Image, message);
        Some(stop.hint("run it again, and let nobody write to the image meanwhile"))
    }
}

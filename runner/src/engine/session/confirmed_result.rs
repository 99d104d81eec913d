//! Confirms that the machine ran when the result of a step was found. A hanging QEMU must not become a verdict.

use tokio::time::Instant;

use reports::CauseKind;
use vm::Lost;

use super::Session;
use crate::engine::step_output::StepOutput;
use crate::engine::stop::Stop;

/// The result of a step, after QEMU has confirmed that the machine runs. Only [`Session::confirm_result`] makes it for
/// a step with a machine, so no verb can skip the question.
#[derive(Debug)]
pub(in crate::engine) struct ConfirmedResult(Result<StepOutput, Stop>);

impl ConfirmedResult {
    /// Wraps the result of a step that has no machine to ask.
    pub(in crate::engine) fn without_machine(result: Result<StepOutput, Stop>) -> Self {
        Self(result)
    }

    /// Returns the result.
    pub(in crate::engine) fn into_result(self) -> Result<StepOutput, Stop> {
        self.0
    }
}

impl Session {
    /// Asks QEMU whether the machine runs, if the result says something about the system under test. Returns an error
    /// instead of the result if QEMU does not answer.
    pub(in crate::engine) async fn confirm_result(
        &mut self,
        result: Result<StepOutput, Stop>,
    ) -> ConfirmedResult {
        let says_of_guest = result.as_ref().err().is_none_or(Stop::blames_guest);
        if self.is_over() || !says_of_guest {
            return ConfirmedResult(result);
        }
        let starvation = self.machine.starvation().clone();
        let mut cancel = self.cancel.clone();
        tokio::select! {
            biased;
            () = starvation.proven(Instant::now()) => ConfirmedResult(result),
            lost = starvation.lost() => ConfirmedResult(Err(self.lose(lost))),
            () = cancel.requested() => ConfirmedResult(result),
        }
    }

    /// Notes that the machine cannot continue for a reason that is not the guest's fault. Returns that error.
    pub(super) fn lose(&mut self, lost: Lost) -> Stop {
        let stop = Stop::error(CauseKind::Harness, lost.what).hint(lost.advice);
        self.mark_broken(stop)
    }
}

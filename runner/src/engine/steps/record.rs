//! `soft_fail`.

use reports::CauseKind;
use scenarios::SoftFail;

use crate::engine::attempt::Attempt;
use crate::engine::step_output::StepOutput;
use crate::engine::stop::Stop;
use crate::today::today;

impl Attempt<'_> {
    /// Records a known defect.
    ///
    /// # Errors
    /// The excuse of the defect has expired.
    pub(super) fn soft_fail(&mut self, step: &SoftFail) -> Result<StepOutput, Stop> {
        let (reason, ticket) = (step.reason.shown(), step.ticket.shown());
        if let Some(expires) = step.expires
            && today().is_some_and(|today| today > expires)
        {
            return Err(Stop::failed(
                CauseKind::Assertion,
                format!("{reason} ({ticket}) was excused until {expires}, and is still there"),
            )
            .hint("fix the defect, or set a new `expires:` date and say why"));
        }
        self.soft_failure(reason, Some(ticket));
        Ok(StepOutput::default())
    }
}

//! The attempts that the judgement of a case does not show, in the elements of Maven's Surefire, which GitLab and Jenkins
//! read: `flakyFailure` and `flakyError` in a case that passes, `rerunFailure` and `rerunError` in one that does not.

use super::output;
use crate::{Attempt, Run, Scenario, Verdict};

/// An attempt that did not hold.
pub(super) struct Rerun {
    pub(super) element: &'static str,
    pub(super) kind: String,
    pub(super) message: String,
    pub(super) text: String,
}

impl Rerun {
    /// Surefire's schema puts those that failed before `error`, and those that broke off after it.
    pub(super) fn is_failure(&self) -> bool {
        matches!(self.element, "flakyFailure" | "rerunFailure")
    }
}

/// The attempts at a scenario that did not hold, without the one that its `failure` or `error` tells, and without those
/// that a wrong checkpoint led astray.
pub(super) fn of(run: &Run, scenario: &Scenario) -> Vec<Rerun> {
    let gates = run.counts_as_failed(scenario);
    let (failure, error) = match scenario.verdict {
        Verdict::Flaky if gates => ("rerunFailure", "rerunError"),
        Verdict::Flaky => ("flakyFailure", "flakyError"),
        Verdict::Failed | Verdict::Error => ("rerunFailure", "rerunError"),
        Verdict::Passed | Verdict::SoftFailed | Verdict::Skipped | Verdict::Cancelled => {
            return Vec::new();
        }
    };
    let told = match scenario.verdict {
        Verdict::Flaky if !gates => None,
        _ => scenario.deciding_attempt(),
    };
    scenario
        .attempts
        .iter()
        .filter(|attempt| attempt.did_not_hold() && !attempt.misled)
        .filter(|attempt| !told.is_some_and(|told| std::ptr::eq(told, *attempt)))
        .map(|attempt| rerun(attempt, failure, error))
        .collect()
}

fn rerun(attempt: &Attempt, failure: &'static str, error: &'static str) -> Rerun {
    let cause = attempt.cause.as_ref();
    let word = attempt.verdict.word();
    Rerun {
        element: match attempt.verdict {
            Verdict::Failed => failure,
            _ => error,
        },
        kind: cause.map_or(word, |cause| cause.kind.word()).to_owned(),
        message: cause.map_or(word, |cause| &cause.message).to_owned(),
        text: format!(
            "{}\n{}",
            output::head(attempt),
            output::failure(cause, Some(attempt))
        ),
    }
}

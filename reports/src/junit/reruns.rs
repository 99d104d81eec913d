//! The attempts that the judgement of a case does not show, in the elements of Maven's Surefire: `flakyFailure` and
//! `flakyError` in a case that passes, `rerunFailure` and `rerunError` in one that does not. Jenkins reads both
//! pairs. Allure reads the second alone, and makes a retry of each whatever came of the case: one that passes has
//! both, the second without a trace.

use super::output;
use crate::{Attempt, Cause, ExitStatus, Run, Scenario, Verdict};

/// An attempt that did not hold.
pub(super) struct Rerun {
    pub(super) element: &'static str,
    pub(super) kind: String,
    pub(super) message: String,
    /// The attempt, and the place that it started from.
    pub(super) head: String,
    /// All that is told of it; none where another element tells it.
    pub(super) trace: Option<String>,
}

/// The attempts at a scenario that did not hold, without the one that its `failure` or `error` tells, in the order of
/// Surefire's schema: those that failed, then those that broke off. Where the case has an `error`, none has failed.
pub(super) fn of(run: &Run, scenario: &Scenario) -> Vec<Rerun> {
    let passes = run.gate_of(scenario) == ExitStatus::Success;
    let told = scenario.deciding_attempt().filter(|_| !passes);
    let others: Vec<&Attempt> = scenario
        .attempts
        .iter()
        .filter(|attempt| !told.is_some_and(|told| std::ptr::eq(told, *attempt)))
        .collect();
    let of = |verdict, element, with_trace| {
        let came = others.iter().filter(move |other| other.verdict == verdict);
        came.map(move |attempt| rerun(attempt, element, with_trace))
    };
    let mut reruns: Vec<Rerun> = of(Verdict::Failed, "rerunFailure", !passes).collect();
    if passes {
        reruns.extend(of(Verdict::Failed, "flakyFailure", true));
    }
    reruns.extend(of(Verdict::Error, "rerunError", !passes));
    if passes {
        reruns.extend(of(Verdict::Error, "flakyError", true));
    }
    reruns
}

fn rerun(attempt: &Attempt, element: &'static str, with_trace: bool) -> Rerun {
    let word = attempt.verdict.word();
    let cause = attempt.cause.as_ref();
    let kind = |cause: &Cause| cause.kind.word().to_owned();
    Rerun {
        element,
        kind: cause.map_or_else(|| word.to_owned(), kind),
        message: cause.map_or(word, |cause| &cause.message).to_owned(),
        head: output::head(attempt),
        trace: with_trace.then(|| {
            let failure = output::failure(cause, Some(attempt));
            format!("{}\n{failure}", output::head(attempt))
        }),
    }
}

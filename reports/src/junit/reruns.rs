//! Attempts that the result of a case does not show, in the elements of Maven's Surefire: `flakyFailure` and
//! `flakyError` in a case that passes, `rerunFailure` and `rerunError` in one that does not. Jenkins reads both pairs.
//! Allure 2 reads only the second pair, as retries. So a case that passes has both pairs, the second without a trace.

use super::document::Document;
use super::output;
use crate::log::{Cause, ExitStatus, Verdict};
use crate::run::{Attempt, Run, Scenario};

/// An attempt that did not hold.
struct Rerun {
    element: &'static str,
    kind: String,
    message: String,
    /// The attempt, and the place that it started from.
    head: String,
    /// All details; none if another element has them.
    trace: Option<String>,
}

/// Adds the attempts of a scenario that the judgement of its case does not show.
pub(super) fn write(document: &mut Document, run: &Run, scenario: &Scenario) {
    for rerun in of(run, scenario) {
        let attributes = vec![("message", rerun.message), ("type", rerun.kind)];
        document.begin(rerun.element, attributes);
        // Some readers show only the text of the element, and ignore the stack trace.
        document.section(&rerun.head);
        if let Some(trace) = &rerun.trace {
            document.text("stackTrace", Vec::new(), trace);
        }
        document.end();
    }
}

/// Returns the attempts that did not hold, without the one in `failure` or `error`, in the order of Surefire's schema:
/// those that failed, then those that broke off. If the case has an `error`, none has failed.
fn of(run: &Run, scenario: &Scenario) -> Vec<Rerun> {
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

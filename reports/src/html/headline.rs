//! The most important news of a run, in one line.

use super::mark::urgency;
use crate::log::{CauseKind, ExitStatus, Verdict};
use crate::plain_text::plain_line;
use crate::run::{Run, Scenario};

/// Returns one verdict for the whole page.
pub(super) fn overall(run: &Run) -> Verdict {
    let worst = run
        .scenarios
        .iter()
        .map(|scenario| scenario.verdict)
        .min_by_key(|verdict| urgency(*verdict));
    match (run.exit(), worst) {
        (ExitStatus::Cancelled, _) => Verdict::Cancelled,
        (_, Some(worst)) => worst,
        (_, None) => Verdict::Skipped,
    }
}

/// Returns the most important news, on one line.
pub(crate) fn headline(run: &Run) -> String {
    let verdict = overall(run);
    let count = run.count(verdict);
    let total = run.scenarios.len();
    let one = |scenario: &Scenario| plain_line(&scenario.info.name);
    let all = match run.matrix {
        Some(_) => "combinations",
        None => "scenarios",
    };
    let kind = |scenario: &Scenario| scenario.cause.as_ref().map(|cause| cause.kind.clone());
    if run.goes_on() {
        let open = |scenario: &&Scenario| kind(scenario) == Some(CauseKind::Unfinished);
        let ended = total - run.scenarios.iter().filter(open).count();
        return format!("The run goes on: {ended} of {total} {all} ended");
    }
    match (verdict, run.scenarios.as_slice()) {
        (_, []) => "No scenario ran".to_owned(),
        (Verdict::Error, [only]) => format!("{} broke off with an error", one(only)),
        (Verdict::Flaky, [only]) => format!("{} is flaky", one(only)),
        (Verdict::Cancelled, [only]) => format!("{} was cancelled", one(only)),
        (Verdict::Skipped, [only]) if only.info.is_look() => {
            format!("What {} shows", plain_line(&only.info.image))
        }
        (Verdict::Skipped, [only]) if kind(only) == Some(CauseKind::Partial) => {
            format!("{} held in part", one(only))
        }
        (Verdict::Skipped, [only]) => format!("{} was skipped", one(only)),
        (verdict, [only]) => format!("{} {verdict}", one(only)),
        (Verdict::Passed, _) if count == total => format!("All {total} {all} passed"),
        (Verdict::Cancelled, _) => format!("Cancelled, {count} of {total} {all} not judged"),
        (Verdict::Error, _) => format!("{count} of {total} {all} broke off with an error"),
        (verdict, _) => format!("{count} of {total} {all} {verdict}"),
    }
}

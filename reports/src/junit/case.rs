//! A test case: the result of one scenario.

use super::document::Document;
use super::{output, place, reruns};
use crate::log::{ExitStatus, Verdict};
use crate::run::{Run, Scenario};
use crate::seconds::seconds_short;

/// The results that JUnit knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// Nothing is wrong.
    Success,
    /// The system under test is wrong.
    Failure,
    /// Something else is wrong.
    Error,
    /// It was not judged.
    Skipped,
}

/// Returns the result of a scenario.
pub(super) fn came(run: &Run, scenario: &Scenario) -> Came {
    match (scenario.verdict, run.gate_of(scenario)) {
        (Verdict::Flaky, ExitStatus::Failed) | (Verdict::Failed, _) => Came::Failure,
        (Verdict::Flaky, ExitStatus::Error) | (Verdict::Error | Verdict::Cancelled, _) => {
            Came::Error
        }
        (Verdict::Passed | Verdict::SoftFailed | Verdict::Flaky, _) => Came::Success,
        (Verdict::Skipped, _) => Came::Skipped,
    }
}

/// Adds the case of a scenario.
pub(super) fn write(
    document: &mut Document,
    run: &Run,
    scenario: &Scenario,
    came: Came,
    folder: &str,
) {
    let mut attributes = vec![
        ("name", scenario.info.name.clone()),
        ("time", seconds_short(scenario.duration_ms())),
        ("classname", class_name(scenario)),
    ];
    if let Some((file, line)) = place::of(scenario) {
        attributes.push(("file", file.to_owned()));
        attributes.push(("line", line.to_string()));
    }
    document.begin("testcase", attributes);
    let told = vec![("type", kind(scenario)), ("message", message(scenario))];
    let trace = || output::failure(scenario.cause.as_ref(), scenario.deciding_attempt());
    match came {
        Came::Success => {}
        Came::Failure => document.text("failure", told, &trace()),
        Came::Error => document.text("error", told, &trace()),
        Came::Skipped => document.empty("skipped", told),
    }
    reruns::write(document, run, scenario);
    document.text("system-out", Vec::new(), &output::story(scenario, folder));
    document.end();
}

fn kind(scenario: &Scenario) -> String {
    let cause = scenario.cause.as_ref();
    let word = match scenario.verdict {
        Verdict::Cancelled => "cancelled",
        verdict => cause.map_or(verdict.word(), |cause| cause.kind.word()),
    };
    word.to_owned()
}

fn message(scenario: &Scenario) -> String {
    match scenario.verdict {
        Verdict::Flaky => format!("flaky: {}", scenario.why().unwrap_or_default()),
        verdict => {
            let cause = scenario.cause.as_ref();
            cause
                .map_or(verdict.word(), |cause| &cause.message)
                .to_owned()
        }
    }
}

/// Returns `image.machine`. Jenkins takes the part before the last dot for a package, so the names themselves get none.
fn class_name(scenario: &Scenario) -> String {
    let part = |name: &str| match name {
        "" => "unknown".to_owned(),
        name => name.replace('.', "-"),
    };
    format!(
        "{}.{}",
        part(&scenario.info.image),
        part(&scenario.info.machine)
    )
}

//! `junit.xml`: one test case for each scenario, one suite for all; of a matrix, one suite for each image and machine.
//!
//! All text is made plain before it goes in: a guest can write any byte to its serial console, and XML 1.0 cannot hold
//! all of them.

mod case;
mod document;
mod output;
mod place;
mod properties;
mod reruns;
mod suite;
mod xml_text;

use crate::log::ExitStatus;
use crate::run::Run;
use crate::seconds::seconds;
use document::Document;

/// Makes `junit.xml`.
///
/// `folder` is the run's folder as the CI server sees it, relative to the checkout: GitLab and Jenkins resolve the
/// attachments of a test case from there.
///
/// | verdict | element | type |
/// | --- | --- | --- |
/// | passed | | |
/// | soft-failed, flaky | none; a property says it | |
/// | flaky, where it gates | `failure`, or `error` where no attempt failed; the property | the kind of the cause |
/// | failed | `failure` | the kind of the cause |
/// | error | `error` | the kind of the cause |
/// | cancelled | `error` | `cancelled` |
/// | skipped | `skipped` | the kind of the cause |
/// | passed and soft-failed, of a part of the scenario | `skipped` | `partial` |
/// | not known yet, as the run goes on | `skipped` | `unfinished` |
///
/// Attempts that did not hold besides the one that is told there are `flakyFailure` and `flakyError` where another one
/// held and the case passes, `rerunFailure` and `rerunError` where it does not. Allure knows the second pair alone, so
/// that a case that passes has them too, in a few words.
///
/// Name and class of a case are its identity, by which readers follow it from night to night: they never depend on what
/// came of it. The class is image and machine; in a matrix the name says them too, so that it is the only one of that
/// name wherever only names are shown. `file` and `line` say where the scenario is written, and where in it a step did
/// not hold: GitLab and CircleCI link to it, and the annotations of GitHub would take the last part of a class for a
/// file's name otherwise. Where the machine of a scenario came from, the age of its checkpoint and what was found
/// besides the verdict are properties, named after the scenario.
pub fn junit(run: &Run, folder: &str) -> String {
    let mut document = Document::new();
    document.begin("testsuites", root(run));
    for (id, suite) in suite::suites(run).iter().enumerate() {
        suite.write(&mut document, id, run, folder);
    }
    document.end();
    document.finish()
}

/// Without `skipped`: the schema of Jenkins' xUnit plugin (junit-10.xsd) does not allow it here, only on `testsuite`.
fn root(run: &Run) -> document::Attributes {
    let count = |statuses: &[ExitStatus]| {
        let gates = run.scenarios.iter().map(|scenario| run.gate_of(scenario));
        gates.filter(|gate| statuses.contains(gate)).count()
    };
    let failures = count(&[ExitStatus::Failed]);
    let errors = count(&[ExitStatus::Error, ExitStatus::Cancelled]);
    let name = match &run.matrix {
        Some(matrix) => format!("qa {matrix} {}", run.name),
        None => format!("qa {}", run.name),
    };
    vec![
        ("name", name),
        ("tests", run.scenarios.len().to_string()),
        ("failures", failures.to_string()),
        ("errors", errors.to_string()),
        ("time", seconds(run.duration_ms())),
    ]
}

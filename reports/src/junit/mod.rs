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
pub(crate) use output::{evidence_files, head as attempt_head};
pub(crate) use place::of as place_of;

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
/// Other attempts that did not hold have elements of their own. In a case that passes, they are `flakyFailure` and
/// `flakyError`; otherwise they are `rerunFailure` and `rerunError`. Allure 2 knows only the second pair, so a case
/// that passes has these, too, without details. Allure 3 reads no attempts.
///
/// Readers identify a case by name and class, to show its history. So these never depend on the result. The class is
/// image and machine. In a matrix the name contains them, too, so that it is unique where only names are shown. `file`
/// and `line` name the scenario, and the step that did not hold: GitLab and CircleCI link to it. Without `file`, the
/// annotations of GitHub would take the last part of the class for a file name. The origin of the machine, the age of
/// its checkpoint and the findings are properties, named after the scenario.
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

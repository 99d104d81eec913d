//! `junit.xml`: one test case for each scenario, one suite for all; of a matrix, one suite for each image and machine.
//!
//! The elements are written by `junit-report`. What that crate cannot say (the count of skipped cases, totals, names
//! and properties) is added to its output afterwards, in `totals`. All text is made plain before it goes in: a guest
//! can write any byte to its serial console, and XML 1.0 cannot hold all of them.

mod output;
mod place;
mod reruns;
mod suite;
mod totals;
mod xml_text;

use junit_report::{ReportBuilder, TestCase, TestCaseBuilder, TestSuite};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::{ExitStatus, Run, Scenario, Verdict};
use xml_text::{attribute, cdata};

/// The report could not be put together: a defect of `qa`, since no event log may cause it.
#[derive(Debug, thiserror::Error)]
#[error("junit.xml cannot be put together: {reason}")]
pub struct JunitError {
    reason: String,
}

impl JunitError {
    fn new(reason: impl std::fmt::Display) -> Self {
        Self {
            reason: reason.to_string(),
        }
    }
}

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
///
/// # Errors
/// None that an event log could cause.
pub fn junit(run: &Run, folder: &str) -> Result<String, JunitError> {
    let suites = suite::suites(run);
    let mut builder = ReportBuilder::new();
    for suite in &suites {
        builder.add_testsuite(TestSuite {
            name: attribute(&suite.name()),
            package: "qa".to_owned(),
            timestamp: OffsetDateTime::parse(&run.started, &Rfc3339)
                .unwrap_or(OffsetDateTime::UNIX_EPOCH),
            hostname: attribute(run.hosts.first().map_or("", |host| &host.name)),
            testcases: suite
                .scenarios
                .iter()
                .map(|scenario| case(run, scenario, folder))
                .collect(),
            system_out: None,
            system_err: None,
        });
    }
    let mut written = Vec::new();
    builder
        .build()
        .write_xml(&mut written)
        .map_err(JunitError::new)?;
    totals::add(&written, run, &suites)
}

fn case(run: &Run, scenario: &Scenario, folder: &str) -> TestCase {
    let name = attribute(&scenario.info.name);
    let seconds =
        time::Duration::try_from(std::time::Duration::from_millis(scenario.duration_ms()))
            .unwrap_or(time::Duration::MAX);
    let kind = attribute(
        scenario
            .cause
            .as_ref()
            .map_or(scenario.verdict.word(), |cause| cause.kind.word()),
    );
    let message = attribute(
        scenario
            .cause
            .as_ref()
            .map_or(scenario.verdict.word(), |cause| &cause.message),
    );
    let flaky = || attribute(&format!("flaky: {}", scenario.why().unwrap_or_default()));
    let mut case = match (scenario.verdict, run.gate_of(scenario)) {
        (Verdict::Flaky, ExitStatus::Failed) => {
            TestCaseBuilder::failure(&name, seconds, &kind, &flaky())
        }
        (Verdict::Flaky, ExitStatus::Error) => {
            TestCaseBuilder::error(&name, seconds, &kind, &flaky())
        }
        (Verdict::Passed | Verdict::SoftFailed | Verdict::Flaky, _) => {
            TestCaseBuilder::success(&name, seconds)
        }
        (Verdict::Failed, _) => TestCaseBuilder::failure(&name, seconds, &kind, &message),
        (Verdict::Error, _) => TestCaseBuilder::error(&name, seconds, &kind, &message),
        (Verdict::Cancelled, _) => TestCaseBuilder::error(&name, seconds, "cancelled", &message),
        (Verdict::Skipped, _) => TestCaseBuilder::skipped_with_cause(&name, &kind, &message),
    };
    case.set_classname(&attribute(&class_name(scenario)))
        .set_trace(&cdata(&output::failure(
            scenario.cause.as_ref(),
            scenario.deciding_attempt(),
        )))
        .set_system_out(&cdata(&output::story(scenario, folder)));
    let mut case = case.build();
    case.time = seconds; // The builder gives skipped cases none, though some ran until they found out.
    case
}

/// `image.machine`. Jenkins takes what is before the last dot for a package, so the names themselves get none.
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

//! The suites of a report, and the scenarios in each.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::case::{self, Came};
use super::document::Document;
use super::properties;
use crate::run::{Run, Scenario};
use crate::seconds::seconds_short;

/// The scenarios of one `testsuite`.
#[derive(Debug)]
pub(super) struct Suite<'r> {
    /// The image and the machine that all of them ran on; none where a run is no matrix.
    pub(super) on: Option<(&'r str, &'r str)>,
    pub(super) scenarios: Vec<&'r Scenario>,
}

/// Returns the suites of a run: at least one.
pub(super) fn suites(run: &Run) -> Vec<Suite<'_>> {
    let mut suites: Vec<Suite<'_>> = Vec::new();
    if run.matrix.is_some() {
        for scenario in &run.scenarios {
            let on = Some((scenario.info.image.as_str(), scenario.info.machine.as_str()));
            match suites.iter_mut().find(|suite| suite.on == on) {
                Some(suite) => suite.scenarios.push(scenario),
                None => suites.push(Suite {
                    on,
                    scenarios: vec![scenario],
                }),
            }
        }
    }
    if suites.is_empty() {
        suites.push(Suite {
            on: None,
            scenarios: run.scenarios.iter().collect(),
        });
    }
    suites
}

impl Suite<'_> {
    /// Adds the element with all cases.
    pub(super) fn write(&self, document: &mut Document, id: usize, run: &Run, folder: &str) {
        let came = self
            .scenarios
            .iter()
            .map(|scenario| case::came(run, scenario));
        let came: Vec<Came> = came.collect();
        let count = |kind: Came| {
            came.iter()
                .filter(|came| **came == kind)
                .count()
                .to_string()
        };
        let hosts: Vec<&str> = run.hosts.iter().map(|host| host.name.as_str()).collect();
        let durations = self.scenarios.iter().map(|scenario| scenario.duration_ms());
        document.begin(
            "testsuite",
            vec![
                ("id", id.to_string()),
                ("name", self.name()),
                ("package", "qa".to_owned()),
                ("tests", self.scenarios.len().to_string()),
                ("errors", count(Came::Error)),
                ("failures", count(Came::Failure)),
                ("hostname", hosts.join(", ")),
                ("timestamp", timestamp(&run.started)),
                (
                    "time",
                    seconds_short(durations.fold(0, u64::saturating_add)),
                ),
                ("skipped", count(Came::Skipped)),
            ],
        );
        properties::write(document, run, self);
        for (scenario, came) in self.scenarios.iter().zip(came) {
            case::write(document, run, scenario, came, folder);
        }
        document.end();
    }

    fn name(&self) -> String {
        match self.on {
            Some((image, machine)) => format!("{image} on {machine}"),
            None => "qa".to_owned(),
        }
    }
}

/// Returns a time as the schema needs it. A time that cannot be read becomes the earliest time, because the attribute
/// is required.
fn timestamp(started: &str) -> String {
    let time = OffsetDateTime::parse(started, &Rfc3339).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    time.format(&Rfc3339).unwrap_or_default()
}

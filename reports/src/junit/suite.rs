use crate::{Run, Scenario, Verdict};

/// The scenarios of one `testsuite`.
#[derive(Debug)]
pub(super) struct Suite<'r> {
    /// The image and the machine that all of them ran on; none where a run is no matrix.
    pub(super) on: Option<(&'r str, &'r str)>,
    pub(super) scenarios: Vec<&'r Scenario>,
}

/// The suites of a run: at least one.
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
    pub(super) fn name(&self) -> String {
        match self.on {
            Some((image, machine)) => format!("{image} on {machine}"),
            None => "qa".to_owned(),
        }
    }

    /// How many of its cases are shown as skipped.
    pub(super) fn skipped(&self) -> usize {
        let is_skipped = |scenario: &&&Scenario| scenario.verdict == Verdict::Skipped;
        self.scenarios.iter().filter(is_skipped).count()
    }
}

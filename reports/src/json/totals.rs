//! The numbers of scenarios.

use serde::Serialize;

use crate::log::{ExitStatus, Verdict};
use crate::run::Run;

/// The number of scenarios of each verdict.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Totals {
    scenarios: usize,
    /// Those that change the exit status.
    gating: usize,
    passed: usize,
    soft_failed: usize,
    flaky: usize,
    failed: usize,
    error: usize,
    skipped: usize,
    cancelled: usize,
}

impl Totals {
    /// Counts the scenarios of a run.
    pub(super) fn of(run: &Run) -> Self {
        let gates = run.scenarios.iter().map(|scenario| run.gate_of(scenario));
        Self {
            scenarios: run.scenarios.len(),
            gating: gates.filter(|gate| *gate != ExitStatus::Success).count(),
            passed: run.count(Verdict::Passed),
            soft_failed: run.count(Verdict::SoftFailed),
            flaky: run.count(Verdict::Flaky),
            failed: run.count(Verdict::Failed),
            error: run.count(Verdict::Error),
            skipped: run.count(Verdict::Skipped),
            cancelled: run.count(Verdict::Cancelled),
        }
    }
}

//! The result of a run as TAP, version 14: one test point for each scenario, with diagnostics in YAML.
//!
//! Source of the form: the specification of TAP 14, and `tap-parser` of node-tap. Text of a guest stands only behind
//! a number, where it is escaped, and in quoted strings of the diagnostics. So it can begin no line of the stream.

mod diagnostics;
mod point;
mod yaml;

use crate::log::ExitStatus;
use crate::plain_text::plain_line;
use crate::run::Run;

/// Returns the stream.
///
/// | verdict | test point |
/// | --- | --- |
/// | passed | `ok` |
/// | soft-failed | `not ok`, with `TODO` and the known defect: readers do not count it as a failure |
/// | flaky | `ok`; `not ok` where it gates |
/// | failed, error, cancelled | `not ok` |
/// | skipped, also of a part of the scenario, and not known yet | `ok`, with `SKIP` and the reason |
///
/// `folder` is the run's folder, as readers of the stream name it. A run that the user stopped ends with `Bail out!`.
pub fn tap(run: &Run, folder: &str) -> String {
    let mut text = "TAP version 14\n".to_owned();
    text.push_str(&format!(
        "# qa {}, run {}\n",
        plain_line(&run.version),
        plain_line(&run.name)
    ));
    match run.scenarios.len() {
        0 => text.push_str("1..0 # SKIP no scenario ran\n"),
        count => text.push_str(&format!("1..{count}\n")),
    }
    for (number, scenario) in (1..).zip(&run.scenarios) {
        text.push_str(&point::line(run, number, scenario));
        text.push_str(&diagnostics::block(run, scenario, folder));
    }
    if let Some(sentence) = run.not_whole() {
        text.push_str(&format!("# {sentence}\n"));
    }
    if run.exit() == ExitStatus::Cancelled {
        text.push_str(&format!("Bail out! {}\n", ExitStatus::Cancelled.meaning()));
    }
    text
}

//! The lines of scenarios, their findings, and the counts.

use super::page::{Page, fit, paint_of};
use crate::duration::human_duration;
use crate::log::{CauseKind, Verdict};
use crate::plain_text::plain_line;
use crate::run::{Attempt, Run, Scenario};

impl Page<'_> {
    /// Writes one line for each scenario.
    pub(super) fn scenarios(&mut self, run: &Run) {
        let names = run
            .scenarios
            .iter()
            .map(|scenario| plain_line(&scenario.info.name));
        // One very long name must not push the durations of all others off the screen.
        let widest = names.map(|name| name.chars().count()).max().unwrap_or(0);
        let name_width = widest.min((self.style.width / 2).max(12));
        for scenario in &run.scenarios {
            let verdict = format!("{:<11}", scenario.verdict);
            let name = fit(&plain_line(&scenario.info.name), name_width);
            let time = human_duration(scenario.duration_ms());
            let row = format!("{name:<name_width$}  {time:>7}  {}", told(scenario));
            let room = self.style.width.saturating_sub(12).max(20);
            let row = fit(row.trim_end(), room);
            let verdict = self.paint(paint_of(scenario.verdict), &verdict);
            self.line(&format!("{verdict} {row}"));
        }
    }

    /// Writes the findings, whatever the verdict.
    pub(super) fn findings(&mut self, scenario: &Scenario) {
        for finding in &scenario.findings {
            self.text.push('\n');
            let head = format!("{} finding:", plain_line(&scenario.info.name));
            let head = self.paint(paint_of(Verdict::Flaky), &head);
            self.line(&format!("{head} {}", plain_line(&finding.text())));
            self.line(&format!("  {}", finding.meaning()));
            self.line(&format!("  next: {}", finding.next()));
        }
    }

    /// Writes the end: counts, exit status, and the path of the report.
    pub(super) fn counts(&mut self, run: &Run) {
        let counts: Vec<String> = run
            .counts()
            .into_iter()
            .map(|(verdict, count)| self.paint(paint_of(verdict), &format!("{count} {verdict}")))
            .collect();
        let counts = if counts.is_empty() {
            "no scenario ran".to_owned()
        } else {
            counts.join(", ")
        };
        self.text.push('\n');
        self.line(&format!(
            "{counts} in {}",
            human_duration(run.duration_ms())
        ));
        if let Some(sentence) = run.not_whole() {
            self.line(sentence);
        }
        let exit = run.exit();
        if exit.code() != 0 && !run.goes_on() {
            self.line(&format!(
                "exit status {}: {}",
                exit.code(),
                run.exit_meaning()
            ));
        }
        if let Some(report) = self.style.report {
            self.line(&format!("report: {}", plain_line(report)));
        }
    }
}

/// Returns the rest of a scenario's own line, after verdict and time: the reason why it did not pass or the checkpoint
/// that it started from, and the number of findings.
fn told(scenario: &Scenario) -> String {
    let mut parts = vec![why(scenario)];
    let part = scenario.info.part.as_deref();
    parts.extend(part.map(|part| format!("{} only", plain_line(part))));
    if scenario.verdict == Verdict::Passed {
        parts.extend(scenario.checkpoint().map(|from| plain_line(&from)));
    }
    let decided = scenario.deciding_attempt();
    parts.extend(decided.and_then(Attempt::resets_text));
    match scenario.findings.len() {
        0 => {}
        1 => parts.push("1 finding, see below".to_owned()),
        count => parts.push(format!("{count} findings, see below")),
    }
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
}

fn why(scenario: &Scenario) -> String {
    let kind = scenario.cause.as_ref().map(|cause| &cause.kind);
    match scenario.verdict {
        Verdict::Passed => String::new(),
        // The line names the part already.
        Verdict::Skipped if kind == Some(&CauseKind::Partial) => "held".to_owned(),
        Verdict::SoftFailed => scenario
            .attempts
            .iter()
            .flat_map(|attempt| &attempt.soft_failures)
            .map(|defect| plain_line(&defect.text()))
            .collect::<Vec<_>>()
            .join("; "),
        Verdict::Flaky
        | Verdict::Failed
        | Verdict::Error
        | Verdict::Skipped
        | Verdict::Cancelled => scenario
            .why()
            .map_or_else(String::new, |why| plain_line(&why)),
    }
}

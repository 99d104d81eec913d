//! The lines of scenarios, their findings, and the counts.

use super::page::{Page, paint_of};
use crate::console::width::{columns, cut};
use crate::duration::human_duration;
use crate::log::{CauseKind, Verdict};
use crate::plain_text::plain_line;
use crate::run::{Attempt, Run, Scenario};

/// The blanks below a verdict, with that which follows it.
pub(super) const INDENT: &str = "            ";

/// The columns of a time, with the blanks before it.
const TIME: usize = 9;

/// With fewer columns than this, a reason gets a line of its own.
const LEAST_REASON: usize = 10;

/// The place at which a reader finds the findings of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FindingsAt {
    /// Below, in the same summary.
    Below,
    /// In the report, because the summary is short.
    Report,
}

impl Page<'_> {
    /// Writes one line for each scenario.
    pub(super) fn scenarios(&mut self, run: &Run) {
        let name_width = self.name_width(&run.scenarios);
        for scenario in &run.scenarios {
            self.scenario(scenario, name_width, FindingsAt::Below);
        }
    }

    /// Returns the columns in which the names of scenarios are put.
    pub(super) fn name_width<'s>(
        &self,
        scenarios: impl IntoIterator<Item = &'s Scenario>,
    ) -> usize {
        let names = scenarios
            .into_iter()
            .map(|scenario| plain_line(&scenario.info.name));
        // One very long name must not push the durations of all others off the screen.
        let widest = names.map(|name| columns(&name)).max().unwrap_or(0);
        let most = (self.style.width / 2).max(12);
        widest.min(most).min(self.room().saturating_sub(TIME))
    }

    /// Writes the line of a scenario. Its reason is cut to fit, its name never is. If that leaves no room for the
    /// reason, it gets a line of its own.
    pub(super) fn scenario(
        &mut self,
        scenario: &Scenario,
        name_width: usize,
        findings_at: FindingsAt,
    ) {
        let name = plain_line(&scenario.info.name);
        let blanks = " ".repeat(name_width.saturating_sub(columns(&name)));
        let time = human_duration(scenario.duration_ms());
        let head = format!("{name}{blanks}  {time:>7}");
        let told = told(scenario, findings_at);
        let verdict = self.paint(
            paint_of(scenario.verdict),
            &format!("{:<11}", scenario.verdict),
        );
        let room = self.room();
        let left = room.saturating_sub(columns(&head) + 2);
        if columns(&head) > room {
            self.line(&format!("{verdict} {name}"));
            let rest = format!("{time}  {told}");
            self.line(&format!("{INDENT}{}", cut(rest.trim_end(), room)));
        } else if told.is_empty() {
            self.line(&format!("{verdict} {head}"));
        } else if columns(&told) <= left || left >= LEAST_REASON {
            self.line(&format!("{verdict} {head}  {}", cut(&told, left)));
        } else {
            self.line(&format!("{verdict} {head}"));
            self.line(&format!("{INDENT}{}", cut(&told, room)));
        }
    }

    /// Returns the columns that are left beside the verdict.
    pub(super) fn room(&self) -> usize {
        self.style.width.saturating_sub(INDENT.len()).max(20)
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
fn told(scenario: &Scenario, findings_at: FindingsAt) -> String {
    let mut parts = vec![why(scenario)];
    let part = scenario.info.part.as_deref();
    parts.extend(part.map(|part| format!("{} only", plain_line(part))));
    if scenario.verdict == Verdict::Passed {
        parts.extend(scenario.checkpoint().map(|from| plain_line(&from)));
    }
    let decided = scenario.deciding_attempt();
    parts.extend(decided.and_then(Attempt::resets_text));
    let place = match findings_at {
        FindingsAt::Below => "see below",
        FindingsAt::Report => "see the report",
    };
    match scenario.findings.len() {
        0 => {}
        1 => parts.push(format!("1 finding, {place}")),
        count => parts.push(format!("{count} findings, {place}")),
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

//! Annotations: lines of a job's log that GitHub shows at the place in the file.
//!
//! Source of the form: GitHub's documentation, "Workflow commands for GitHub Actions".

use crate::junit::place_of;
use crate::log::{ExitStatus, Verdict};
use crate::plain_text::plain_line;
use crate::run::{Run, Scenario};

/// Returns an annotation a line for each scenario that did not pass: `error` if it gates, `warning` if it has a known
/// defect, is flaky or has a finding, `notice` if it was skipped. `project` is the folder of the project, relative to
/// the checkout; empty if they are the same.
pub fn github_annotations(run: &Run, project: &str) -> String {
    let mut lines = String::new();
    for scenario in &run.scenarios {
        if let Some(level) = level(run, scenario) {
            lines.push_str(&annotation(level, scenario, project));
            lines.push('\n');
        }
    }
    lines
}

fn level(run: &Run, scenario: &Scenario) -> Option<&'static str> {
    match run.gate_of(scenario) {
        ExitStatus::Failed | ExitStatus::Error | ExitStatus::Cancelled | ExitStatus::Usage => {
            Some("error")
        }
        ExitStatus::Success => match scenario.verdict {
            Verdict::Passed if scenario.findings.is_empty() => None,
            Verdict::Skipped => Some("notice"),
            Verdict::Passed
            | Verdict::SoftFailed
            | Verdict::Flaky
            | Verdict::Failed
            | Verdict::Error
            | Verdict::Cancelled => Some("warning"),
        },
    }
}

fn annotation(level: &str, scenario: &Scenario, project: &str) -> String {
    let title = format!("{} {}", plain_line(&scenario.info.name), scenario.verdict);
    let mut properties = vec![format!("title={}", property(&title))];
    if let Some((file, line)) = place_of(scenario) {
        let file = match project {
            "" => file.to_owned(),
            project => format!("{}/{file}", project.trim_end_matches('/')),
        };
        properties.push(format!("file={}", property(&plain_line(&file))));
        properties.push(format!("line={line}"));
    }
    format!(
        "::{level} {}::{}",
        properties.join(","),
        data(&message(scenario))
    )
}

/// Returns the reason, the findings and the next things to do, a line each.
fn message(scenario: &Scenario) -> String {
    let mut lines: Vec<String> = scenario.why().iter().map(|why| plain_line(why)).collect();
    let attempts = scenario.attempts.iter();
    let defects = attempts.flat_map(|attempt| &attempt.soft_failures);
    lines.extend(defects.map(|defect| format!("known defect: {}", plain_line(&defect.text()))));
    lines.extend(
        scenario
            .findings
            .iter()
            .map(|finding| plain_line(&finding.text())),
    );
    let hints = scenario.cause.iter().flat_map(|cause| &cause.hints);
    lines.extend(hints.map(|hint| format!("next: {}", plain_line(hint))));
    lines.join("\n")
}

/// Returns the form of a message in which it stays on one line.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Returns the form of a property, which `:` and `,` would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_can_end_its_annotation() {
        assert_eq!(data("50%\r\n::error::x"), "50%25%0D%0A::error::x");
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25%0A");
    }
}

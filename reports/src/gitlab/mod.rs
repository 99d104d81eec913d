//! The result of a run for the log of a GitLab job: the summary, with a section for each scenario that did not hold.
//!
//! Source of the form: GitLab's documentation, "Custom collapsible sections". A section begins and ends with a marker
//! that contains an escape character and a carriage return. Text of a guest has neither, so it can make no marker.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::console::{SummaryStyle, counts, details, overview};
use crate::duration::human_duration;
use crate::job_log::inert;
use crate::log::Verdict;
use crate::plain_text::plain_line;
use crate::run::{Run, Scenario};

/// The most characters of a scenario's name in the name of its section.
const LONGEST_NAME: usize = 60;

/// Returns the text for the log of a job. All sections are closed when the page opens. The time that GitLab shows for a
/// section is that of the scenario.
pub fn gitlab(run: &Run, style: SummaryStyle<'_>) -> String {
    let mut text = overview(run, style);
    for (number, scenario) in (1..).zip(&run.scenarios) {
        let body = details(scenario, style);
        match did_not_hold(scenario) {
            true => text.push_str(&section(run, number, scenario, &body)),
            false => text.push_str(&body),
        }
    }
    text.push_str(&counts(run, style));
    text
}

fn did_not_hold(scenario: &Scenario) -> bool {
    match scenario.verdict {
        Verdict::Failed | Verdict::Error | Verdict::Flaky => true,
        Verdict::Passed | Verdict::SoftFailed | Verdict::Skipped | Verdict::Cancelled => false,
    }
}

/// Returns a section. Its first line is shown when it is closed.
fn section(run: &Run, number: usize, scenario: &Scenario, body: &str) -> String {
    let name = section_name(number, &scenario.info.name);
    let (begin, end) = times(run, scenario);
    let head = format!(
        "{} {}, {}: {}",
        scenario.verdict,
        plain_line(&scenario.info.name),
        human_duration(scenario.duration_ms()),
        plain_line(&scenario.why().unwrap_or_default())
    );
    let begin = marker(&format!("section_start:{begin}:{name}[collapsed=true]"));
    let end = marker(&format!("section_end:{end}:{name}"));
    format!("{begin}{}\n{body}{end}\n", inert(&head))
}

/// Returns a mark in the log. A terminal shows nothing of it.
fn marker(text: &str) -> String {
    format!("\x1b[0K{text}\r\x1b[0K")
}

/// Returns the name of a section: the number makes it unique. GitLab allows letters, digits, `_`, `.` and `-`.
fn section_name(number: usize, scenario: &str) -> String {
    let allowed = |c: char| match c {
        '_' | '.' | '-' => c,
        c if c.is_ascii_alphanumeric() => c,
        _ => '_',
    };
    let name: String = scenario.chars().take(LONGEST_NAME).map(allowed).collect();
    format!("qa-{number}-{name}")
}

/// Returns the times at which a scenario began and ended, in seconds since 1970.
fn times(run: &Run, scenario: &Scenario) -> (u64, u64) {
    let began = OffsetDateTime::parse(&run.started, &Rfc3339).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let began = u64::try_from(began.unix_timestamp()).unwrap_or(0);
    let first = scenario.attempts.iter().map(|attempt| attempt.started_ms);
    let begin = began.saturating_add(first.min().unwrap_or(0) / 1000);
    (begin, begin.saturating_add(scenario.duration_ms() / 1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_section_has_only_what_gitlab_allows() {
        assert_eq!(
            section_name(3, "login@gnome+small\r\x1b[0K ä"),
            "qa-3-login_gnome_small___0K__"
        );
        assert_eq!(section_name(1, &"x".repeat(99)).len(), 65);
    }
}

//! The summary of a job: Markdown that GitHub shows on the page of a workflow run.

use crate::duration::human_duration;
use crate::html::headline;
use crate::log::Verdict;
use crate::plain_text::plain_line;
use crate::run::{Attempt, Run, Scenario};

/// The most scenarios in the table. GitHub takes 1 MiB, and nobody reads more rows.
const MOST_ROWS: usize = 300;

/// The most scenarios whose cause is told in full.
const MOST_CAUSES: usize = 30;

/// Returns the summary. `report` is the place of the report page, for people.
pub fn github_summary(run: &Run, report: &str) -> String {
    let mut text = format!("## {}\n\n", cell(&headline(run)));
    let mut scenarios: Vec<&Scenario> = run.scenarios.iter().collect();
    // Those that gate come first.
    scenarios.sort_by_key(|scenario| std::cmp::Reverse(run.gate_of(scenario).code()));
    text.push_str("| | scenario | time | |\n| --- | --- | ---: | --- |\n");
    for scenario in scenarios.iter().take(MOST_ROWS) {
        text.push_str(&row(scenario));
    }
    if let Some(more) = scenarios
        .len()
        .checked_sub(MOST_ROWS)
        .filter(|more| *more > 0)
    {
        text.push_str(&format!("\n{more} more are in the report.\n"));
    }
    let told = scenarios.iter().filter(|scenario| is_told(scenario));
    for scenario in told.take(MOST_CAUSES) {
        text.push_str(&cause(scenario));
    }
    text.push_str(&format!(
        "\nReport: `{}`\n",
        plain_line(report).replace('`', "'")
    ));
    text
}

fn row(scenario: &Scenario) -> String {
    let verdict = match scenario.verdict {
        Verdict::Passed => "✅ passed",
        Verdict::SoftFailed => "🟡 soft-failed",
        Verdict::Flaky => "🟡 flaky",
        Verdict::Failed => "❌ failed",
        Verdict::Error => "🟣 error",
        Verdict::Skipped => "⚪ skipped",
        Verdict::Cancelled => "⚪ cancelled",
    };
    format!(
        "| {verdict} | {} | {} | {} |\n",
        cell(&scenario.info.name),
        human_duration(scenario.duration_ms()),
        cell(&scenario.why().unwrap_or_default())
    )
}

fn is_told(scenario: &Scenario) -> bool {
    matches!(
        scenario.verdict,
        Verdict::Failed | Verdict::Error | Verdict::Flaky
    )
}

/// Returns the cause of a scenario with its step and the next things to do.
fn cause(scenario: &Scenario) -> String {
    let Some(cause) = &scenario.cause else {
        return String::new();
    };
    let mut text = format!(
        "\n### {} {}\n\n{}\n",
        cell(&scenario.info.name),
        scenario.verdict,
        cell(&cause.message)
    );
    let step = scenario.deciding_attempt().and_then(Attempt::decisive_step);
    if let Some(step) = step {
        let place = cell(&step.place);
        text.push_str(&format!(
            "\n- step {}: {} ({place})\n",
            cell(&step.id),
            cell(&step.text)
        ));
        if let Some(frame) = &step.evidence.frame {
            text.push_str(&format!("- the screen: {}\n", cell(&frame.file)));
        }
    }
    for hint in &cause.hints {
        text.push_str(&format!("- next: {}\n", cell(hint)));
    }
    text
}

/// Returns a text as it is in a cell of a table or a line: nothing of it is Markdown or HTML.
fn cell(text: &str) -> String {
    let mut plain = String::new();
    for character in plain_line(text).chars() {
        match character {
            '&' => plain.push_str("&amp;"),
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '#' | '~' | '@' | '!' => {
                plain.push('\\');
                plain.push(character);
            }
            _ => plain.push(character),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_guest_is_markdown() {
        assert_eq!(
            cell("a|b `c` <d> *e*\n# f"),
            "a\\|b \\`c\\` &lt;d&gt; \\*e\\* \\# f"
        );
    }
}

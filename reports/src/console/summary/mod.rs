//! The end of a run on a terminal: a line for each scenario, causes, counts, and the path of the report.

mod attempts;
mod cause;
mod overview;
mod page;
mod screenful;

use crate::run::{Run, Scenario};
use page::Page;
pub use page::SummaryStyle;

/// Returns the summary of a run, for people. The text ends with a line end, and has no control characters of a guest.
/// If it has more rows than the terminal, it is shortened: scenarios that held are only counted, many that did not hold
/// for one reason are one line, and what has no room is left to the report.
pub fn summary(run: &Run, style: SummaryStyle<'_>) -> String {
    let whole = whole(run, style);
    match style.rows {
        Some(rows) if screenful::rows_of(&whole, style.width) >= rows => {
            screenful::screenful(run, style, rows)
        }
        Some(_) | None => whole,
    }
}

fn whole(run: &Run, style: SummaryStyle<'_>) -> String {
    let mut text = overview(run, style);
    for scenario in &run.scenarios {
        let mut page = Page::new(style);
        page.headline(scenario);
        text.push_str(&page.text);
        text.push_str(&details(scenario, style));
    }
    text + &counts(run, style)
}

/// Returns the first part of a summary: one line for each scenario.
pub(crate) fn overview(run: &Run, style: SummaryStyle<'_>) -> String {
    let mut page = Page::new(style);
    page.scenarios(run);
    page.text
}

/// Returns the part of a summary about one scenario: the evidence for its verdict, its findings, and its attempts.
pub(crate) fn details(scenario: &Scenario, style: SummaryStyle<'_>) -> String {
    let mut page = Page::new(style);
    page.explain(scenario);
    page.findings(scenario);
    page.attempts(scenario);
    page.text
}

/// Returns the last part of a summary: counts, exit status, and the path of the report.
pub(crate) fn counts(run: &Run, style: SummaryStyle<'_>) -> String {
    let mut page = Page::new(style);
    page.counts(run);
    page.text
}

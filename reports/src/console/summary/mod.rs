//! The end of a run on a terminal: a line for each scenario, causes, counts, and the path of the report.

mod attempts;
mod cause;
mod overview;
mod page;

use crate::run::Run;
use page::Page;
pub use page::SummaryStyle;

/// Returns the summary of a run, for people. The text ends with a line end, and has no control characters of a guest.
pub fn summary(run: &Run, style: SummaryStyle<'_>) -> String {
    let mut page = Page {
        text: String::new(),
        style,
    };
    page.scenarios(run);
    for scenario in &run.scenarios {
        page.explain(scenario);
        page.findings(scenario);
        page.attempts(scenario);
    }
    page.counts(run);
    page.text
}

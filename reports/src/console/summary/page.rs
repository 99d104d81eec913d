//! The text of a summary while it is written, and its colours.

use crate::job_log::inert;
use crate::log::Verdict;

/// The style of a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SummaryStyle<'p> {
    /// True for colour. The caller knows the terminal and `NO_COLOR`.
    pub colour: bool,
    /// Columns. In lines that list scenarios, reasons are cut to fit; lines that explain a failure never are.
    pub width: usize,
    /// Rows of the terminal that shows it: a longer summary is told in as many. None for a summary of any length.
    pub rows: Option<usize>,
    /// The path of the report for people, if it could be written.
    pub report: Option<&'p str>,
}

/// Returns the numbers of the SGR sequence that paints a verdict.
pub(super) fn paint_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "32",
        Verdict::SoftFailed | Verdict::Flaky => "33",
        Verdict::Failed => "1;31",
        Verdict::Error => "1;35",
        Verdict::Skipped | Verdict::Cancelled => "2",
    }
}

/// The SGR number of text that is less important.
pub(super) const DIM: &str = "2";

/// A summary that grows.
pub(super) struct Page<'p> {
    pub(super) text: String,
    pub(super) style: SummaryStyle<'p>,
}

impl<'p> Page<'p> {
    /// A page without any text.
    pub(super) fn new(style: SummaryStyle<'p>) -> Self {
        Self {
            text: String::new(),
            style,
        }
    }

    /// Adds lines from elsewhere, behind a bar. Without it, a guest could write what CI servers take for a command:
    /// `::error::` of GitHub Actions counts also behind blanks.
    pub(super) fn quote<'t>(&mut self, lines: impl Iterator<Item = &'t str>) {
        for line in lines {
            let line = self.paint(DIM, &inert(line));
            self.line(&format!("    | {line}"));
        }
    }

    /// Adds a line.
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Returns a text in a colour, if colour is on.
    pub(super) fn paint(&self, paint: &str, text: &str) -> String {
        if self.style.colour {
            format!("\x1b[{paint}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

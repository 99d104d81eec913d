//! The line of a test point.

use crate::log::{ExitStatus, Verdict};
use crate::plain_text::plain_line;
use crate::run::{Run, Scenario};

/// Returns the line of a scenario.
pub(super) fn line(run: &Run, number: usize, scenario: &Scenario) -> String {
    let ok = match is_ok(run, scenario) {
        true => "ok",
        false => "not ok",
    };
    let name = escaped(&scenario.info.name);
    let directive = match scenario.verdict {
        Verdict::SoftFailed => format!(" # TODO {}", escaped(&defects(scenario))),
        Verdict::Skipped => {
            let why = scenario.why().unwrap_or_default();
            format!(" # SKIP {}", escaped(&why))
        }
        Verdict::Passed
        | Verdict::Flaky
        | Verdict::Failed
        | Verdict::Error
        | Verdict::Cancelled => String::new(),
    };
    format!(
        "{ok} {number} - {}\n",
        format!("{name}{directive}").trim_end()
    )
}

fn is_ok(run: &Run, scenario: &Scenario) -> bool {
    // A known defect is what TAP calls a test that is not expected to hold.
    scenario.verdict != Verdict::SoftFailed && run.gate_of(scenario) == ExitStatus::Success
}

/// Returns the known defects that a scenario met.
fn defects(scenario: &Scenario) -> String {
    let attempts = scenario.attempts.iter();
    let defects = attempts.flat_map(|attempt| &attempt.soft_failures);
    let texts: Vec<String> = defects.map(|defect| defect.text()).collect();
    texts.join("; ")
}

/// Returns a text that is no directive, on one line. A `{` at the end is left out: it would begin a subtest in some
/// readers.
fn escaped(text: &str) -> String {
    let text = plain_line(text);
    let text = text.trim().trim_end_matches(['{', ' ']);
    text.replace('\\', "\\\\").replace('#', "\\#")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_directive_or_a_subtest() {
        for (text, shown) in [
            ("a # TODO b", "a \\# TODO b"),
            ("a \\# SKIP", "a \\\\\\# SKIP"),
            ("a\nnot ok 2\r\nBail out!", "a not ok 2 Bail out!"),
            ("a {{ {", "a"),
            ("##[error]x", "\\# \\#[error]x"),
        ] {
            assert_eq!(escaped(text), shown, "{text:?}");
        }
    }
}

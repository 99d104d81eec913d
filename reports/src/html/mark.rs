//! Marks, words and order of verdicts and outcomes.

use crate::log::{StepOutcome, Verdict};

/// Returns the mark of a verdict: one character.
pub(super) fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "✓",
        Verdict::SoftFailed | Verdict::Flaky => "~",
        Verdict::Failed => "✗",
        Verdict::Error => "!",
        Verdict::Skipped => "–",
        Verdict::Cancelled => "■",
    }
}

/// Returns the place of a verdict on the page: the one that a reader looks for first has the lowest number.
pub(super) fn urgency(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Failed => 0,
        Verdict::Error => 1,
        Verdict::Flaky => 2,
        Verdict::Cancelled => 3,
        Verdict::SoftFailed => 4,
        Verdict::Passed => 5,
        Verdict::Skipped => 6,
    }
}

/// Returns the mark of a step: one character. None where the log stops before its end.
pub(super) fn step_mark(outcome: Option<StepOutcome>) -> &'static str {
    match outcome {
        Some(StepOutcome::Passed) => "✓",
        Some(StepOutcome::Failed) => "✗",
        Some(StepOutcome::Forgiven) => "~",
        Some(StepOutcome::Skipped) => "–",
        Some(StepOutcome::Error) | None => "!",
        Some(StepOutcome::Cancelled) => "■",
    }
}

/// Returns the outcome of a step in one word.
pub(super) fn step_word(outcome: Option<StepOutcome>) -> &'static str {
    outcome.map_or("interrupted", StepOutcome::word)
}

//! Numbers and words, as the database holds them.

use reports::StepOutcome;
use rusqlite::Row;
use rusqlite::types::Type;

/// Returns a number as the database takes it. Larger ones do not come here.
pub(super) fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn natural(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(optional_natural(row, column)?.unwrap_or_default())
}

pub(super) fn optional_natural(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<u64>> {
    let number: Option<i64> = row.get(column)?;
    Ok(number.map(|number| u64::try_from(number).unwrap_or_default()))
}

pub(super) fn outcome_word(outcome: StepOutcome) -> &'static str {
    match outcome {
        StepOutcome::Passed => "passed",
        StepOutcome::Failed => "failed",
        StepOutcome::Forgiven => "forgiven",
        StepOutcome::Skipped => "skipped",
        StepOutcome::Error => "error",
        StepOutcome::Cancelled => "cancelled",
    }
}

pub(super) fn outcome_of(word: &str) -> rusqlite::Result<StepOutcome> {
    let all = [
        StepOutcome::Passed,
        StepOutcome::Failed,
        StepOutcome::Forgiven,
        StepOutcome::Skipped,
        StepOutcome::Error,
        StepOutcome::Cancelled,
    ];
    let mut known = all.into_iter();
    known
        .find(|outcome| outcome_word(*outcome) == word)
        .ok_or_else(|| unknown(3, word))
}

/// Returns the error of a word that this version does not write.
pub(super) fn unknown(column: usize, word: &str) -> rusqlite::Error {
    let what = format!("`{word}` is not a word of the history");
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, what.into())
}

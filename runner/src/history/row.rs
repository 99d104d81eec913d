//! A result as the history returns it, and its standing among other results.

use reports::Verdict;

use super::cell::Cell;
use super::record::{CauseRecord, Origin};

/// The result of a cell in one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CellRun {
    /// The number of the result in the database.
    pub(super) id: i64,
    /// The name of the run's folder.
    pub run: String,
    /// When the run began, in nanoseconds since 1970.
    pub began: i64,
    /// The cell.
    pub cell: Cell,
    /// The verdict.
    pub verdict: Verdict,
    /// The reason why it is not `passed`.
    pub cause: Option<CauseRecord>,
    /// The time of the attempt that the verdict rests on, in milliseconds.
    pub duration_ms: u64,
    /// The number of attempts.
    pub attempts: u64,
    /// The origin of the attempt that the verdict rests on; none if there was no attempt.
    pub origin: Option<Origin>,
    /// The digest of the image; none if it is not known.
    pub image_digest: Option<String>,
}

/// The meaning of a verdict for the question since when a cell does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Good: `passed` and `soft-failed`.
    Held,
    /// Bad: `failed` and `error`.
    DidNotHold,
    /// Neither good nor bad: `flaky`.
    HeldInPart,
    /// No result: `skipped` and `cancelled`.
    NoResult,
}

impl Standing {
    /// Returns the standing of a verdict.
    pub(crate) fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Passed | Verdict::SoftFailed => Self::Held,
            Verdict::Failed | Verdict::Error => Self::DidNotHold,
            Verdict::Flaky => Self::HeldInPart,
            Verdict::Skipped | Verdict::Cancelled => Self::NoResult,
        }
    }
}

impl CellRun {
    /// Returns its standing.
    pub(crate) fn standing(&self) -> Standing {
        Standing::of(self.verdict)
    }

    /// Returns true if times of both can be compared: their attempts begin at the same place.
    pub(crate) fn begins_as(&self, other: &Self) -> bool {
        let place = |run: &Self| {
            let origin = run.origin.as_ref();
            origin.map(|origin| origin.begins_after().map(str::to_owned))
        };
        place(self) == place(other)
    }
}

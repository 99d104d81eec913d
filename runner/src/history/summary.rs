//! The summary of a cell over its last runs.

use reports::{Durations, Verdict};

use super::row::{CellRun, Standing};

/// What a cell came to in its last runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CellSummary {
    /// The newest result.
    pub newest: CellRun,
    /// The number of runs of the cell over which is counted.
    pub runs: usize,
    /// The number of results of each verdict, in the order of [`Verdict::ALL`].
    pub counts: [usize; Verdict::ALL.len()],
    /// The usual time, in milliseconds: the median over the runs before the newest that held and began at the same
    /// place as the newest. None if there is no such run.
    pub usual_ms: Option<u64>,
    /// Since when the cell does not hold; none if it holds.
    pub not_held: Option<NotHeld>,
}

/// Since when a cell does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotHeld {
    /// The first run that did not hold after the last one that held.
    pub since: CellRun,
    /// The number of runs since then that did not hold.
    pub runs: usize,
    /// The last run that held; none if no run held.
    pub last_held: Option<CellRun>,
}

/// The two runs of a cell that tell when it broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Turn<'r> {
    /// The last run that held; none if no run held.
    pub last_held: Option<&'r CellRun>,
    /// The first run after it that did not hold; none if all held.
    pub first_bad: Option<&'r CellRun>,
}

impl<'r> Turn<'r> {
    /// Finds the turn in all runs of a cell, the oldest first.
    pub(crate) fn of(oldest_first: &'r [CellRun]) -> Self {
        let held = |run: &CellRun| run.standing() == Standing::Held;
        let last = oldest_first.iter().rposition(held);
        let after = last.map_or(oldest_first, |last| &oldest_first[last + 1..]);
        Self {
            last_held: last.map(|last| &oldest_first[last]),
            first_bad: after
                .iter()
                .find(|run| run.standing() == Standing::DidNotHold),
        }
    }
}

impl CellSummary {
    /// Sums up all runs of a cell, the oldest first. Numbers are over the last `last` of them. None if there is no run.
    pub(crate) fn of(oldest_first: &[CellRun], last: usize) -> Option<Self> {
        let newest = oldest_first.last()?;
        let window = &oldest_first[oldest_first.len().saturating_sub(last)..];
        let counts = Verdict::ALL.map(|verdict| {
            let is_it = |run: &&CellRun| run.verdict == verdict;
            window.iter().filter(is_it).count()
        });
        let before = &window[..window.len().saturating_sub(1)];
        let comparable = before
            .iter()
            .filter(|run| run.standing() == Standing::Held && run.begins_as(newest));
        let usual = Durations::of(comparable.map(|run| run.duration_ms));
        Some(Self {
            newest: newest.clone(),
            runs: window.len(),
            counts,
            usual_ms: usual.map(|usual| usual.median_ms),
            not_held: not_held(oldest_first),
        })
    }

    /// Counts the results of this standing.
    pub(crate) fn count(&self, standing: Standing) -> usize {
        let counts = Verdict::ALL.into_iter().zip(self.counts);
        counts
            .filter(|(verdict, _)| Standing::of(*verdict) == standing)
            .map(|(_, count)| count)
            .sum()
    }

    /// Counts the results that say something about the system under test: all but `error`, `skipped` and `cancelled`.
    pub(crate) fn judged(&self) -> usize {
        let counts = Verdict::ALL.into_iter().zip(self.counts);
        counts
            .filter(|(verdict, _)| match verdict {
                Verdict::Passed | Verdict::SoftFailed | Verdict::Flaky | Verdict::Failed => true,
                Verdict::Error | Verdict::Skipped | Verdict::Cancelled => false,
            })
            .map(|(_, count)| count)
            .sum()
    }

    /// Counts the results of this verdict.
    pub(crate) fn count_of(&self, verdict: Verdict) -> usize {
        let mut counts = Verdict::ALL.into_iter().zip(self.counts);
        counts
            .find(|(counted, _)| *counted == verdict)
            .map_or(0, |(_, count)| count)
    }

    /// Returns the part of the judged runs that held; none if no run was judged.
    pub(crate) fn pass_rate(&self) -> Option<f64> {
        self.rate(self.count(Standing::Held))
    }

    /// Returns the part of the judged runs that were flaky; none if no run was judged.
    pub(crate) fn flakiness(&self) -> Option<f64> {
        self.rate(self.count(Standing::HeldInPart))
    }

    fn rate(&self, count: usize) -> Option<f64> {
        let judged = self.judged();
        (judged > 0).then(|| count as f64 / judged as f64)
    }
}

fn not_held(oldest_first: &[CellRun]) -> Option<NotHeld> {
    let mut results = oldest_first
        .iter()
        .rev()
        .filter(|run| run.standing() != Standing::NoResult);
    // A run that held in part shows that the cell can still hold.
    if results.next()?.standing() != Standing::DidNotHold {
        return None;
    }
    let turn = Turn::of(oldest_first);
    let since = turn.first_bad?;
    let bad = oldest_first
        .iter()
        .skip_while(|run| run.id != since.id)
        .filter(|run| run.standing() == Standing::DidNotHold);
    Some(NotHeld {
        since: since.clone(),
        runs: bad.count(),
        last_held: turn.last_held.cloned(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::cell::Cell;
    use super::super::record::Origin;
    use super::*;
    use Verdict::{Cancelled, Error, Failed, Flaky, Passed, Skipped, SoftFailed};

    fn runs(verdicts: &[Verdict]) -> Vec<CellRun> {
        let run = |(id, verdict): (i64, &Verdict)| CellRun {
            id,
            run: format!("run-{id}"),
            began: id,
            cell: Cell::stored("s@i+m".into()),
            verdict: *verdict,
            cause: None,
            duration_ms: 1_000 * id.unsigned_abs(),
            attempts: 1,
            origin: Some(Origin::PowerOn),
            image_digest: None,
        };
        (1..).zip(verdicts).map(run).collect()
    }

    #[test]
    fn results_are_counted_over_the_last_runs() {
        let verdicts = [
            Failed, Passed, SoftFailed, Flaky, Failed, Error, Skipped, Cancelled,
        ];
        let summary = CellSummary::of(&runs(&verdicts), 7).unwrap();
        assert_eq!(summary.runs, 7);
        assert_eq!((summary.count(Standing::Held), summary.judged()), (2, 4));
        assert_eq!(summary.pass_rate(), Some(0.5));
        assert_eq!(summary.flakiness(), Some(0.25));
        assert_eq!(summary.count_of(Error), 1);
        assert_eq!(CellSummary::of(&[], 7), None);
        let skipped = CellSummary::of(&runs(&[Skipped]), 7).unwrap();
        assert_eq!(skipped.pass_rate(), None);
    }

    #[test]
    fn it_does_not_hold_since_the_first_bad_run_after_the_last_good_one() {
        let since = |verdicts: &[Verdict]| {
            let summary = CellSummary::of(&runs(verdicts), 20)?;
            let not_held = summary.not_held?;
            let last_held = not_held.last_held.map(|run| run.id);
            Some((not_held.since.id, not_held.runs, last_held))
        };
        for (verdicts, expected) in [
            (&[Passed][..], None),
            (&[Failed, Passed], None),
            (&[Failed, SoftFailed, Skipped], None),
            (&[Passed, Failed, Error], Some((2, 2, Some(1)))),
            (&[Failed, Failed], Some((1, 2, None))),
            // What has no result changes nothing.
            (&[Passed, Cancelled, Failed, Skipped], Some((3, 1, Some(1)))),
            // A flaky run is neither the last good one nor the first bad one.
            (&[Passed, Flaky, Failed], Some((3, 1, Some(1)))),
            (&[Passed, Failed, Flaky, Failed], Some((2, 2, Some(1)))),
            (&[Passed, Failed, Flaky], None),
            (&[Skipped], None),
        ] {
            assert_eq!(since(verdicts), expected, "{verdicts:?}");
        }
    }

    #[test]
    fn the_usual_time_is_of_runs_that_held_and_began_at_the_same_place() {
        let mut all = runs(&[Passed, Failed, Passed, Passed, Passed]);
        assert_eq!(CellSummary::of(&all, 20).unwrap().usual_ms, Some(3_000));
        all[2].origin = Some(Origin::Checkpoint("login".into()));
        assert_eq!(CellSummary::of(&all, 20).unwrap().usual_ms, Some(2_500));
        // A machine that goes on and one that was restored begin at the same place.
        all[4].origin = Some(Origin::Continued("login".into()));
        assert_eq!(CellSummary::of(&all, 20).unwrap().usual_ms, Some(3_000));
        assert_eq!(CellSummary::of(&all[..1], 20).unwrap().usual_ms, None);
    }
}

//! Finds needles that drift towards their level: they still match, but with less and less reserve.
//!
//! The reserve of a match is the similarity of its worst area minus the required one. In each run, the smallest reserve
//! counts. The rule compares the newest runs with those before them, on the same cell:
//!
//! 1. The median of the newest [`DRIFT_RECENT`] runs is at most half of the median of the runs before.
//! 2. The median of the newest runs is at most [`DRIFT_LEFT`].
//! 3. The difference is at least [`LEAST_LOSS`], so that noise is not told.
//!
//! There must be at least [`FEWEST_BEFORE`] runs before the newest ones. Runs in which the needle did not match do not
//! count.

/// The number of runs that count as the newest.
pub(crate) const DRIFT_RECENT: usize = 3;

/// The fewest runs before the newest ones.
const FEWEST_BEFORE: usize = 3;

/// The largest reserve that is told. With a level of 96, a needle that matches exactly has a reserve of 0.04.
const DRIFT_LEFT: f64 = 0.02;

/// The smallest loss that is told.
const LEAST_LOSS: f64 = 0.005;

/// A needle in one run of a cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NeedleRun {
    /// Its name.
    pub needle: String,
    /// How often a look found it.
    pub matched: u64,
    /// How often a look wanted it and did not find it.
    pub missed: u64,
    /// The smallest reserve; none if it did not match.
    pub reserve: Option<f64>,
}

/// The drift of a needle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Drift {
    /// The median of the reserve before.
    pub before: f64,
    /// The median of the reserve in the newest runs.
    pub recent: f64,
}

impl Drift {
    /// Returns the drift of one needle in the runs of one cell, the newest run first; none if it does not drift.
    pub(crate) fn of<'r>(newest_first: impl IntoIterator<Item = &'r NeedleRun>) -> Option<Self> {
        let runs = newest_first.into_iter();
        let reserves: Vec<f64> = runs.filter_map(|run| run.reserve).collect();
        let (recent, before) = reserves.split_at_checked(DRIFT_RECENT)?;
        if before.len() < FEWEST_BEFORE {
            return None;
        }
        let (before, recent) = (median(before)?, median(recent)?);
        let drifts =
            recent <= before / 2.0 && recent <= DRIFT_LEFT && before - recent >= LEAST_LOSS;
        drifts.then_some(Self { before, recent })
    }
}

/// Returns the median; none if there is no number.
fn median(numbers: &[f64]) -> Option<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = sorted.get(sorted.len() / 2)?;
    let lower = sorted.get(sorted.len().checked_sub(1)? / 2)?;
    Some(lower.midpoint(*upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drift(newest_first: &[f64]) -> Option<(f64, f64)> {
        let runs: Vec<NeedleRun> = newest_first
            .iter()
            .map(|reserve| NeedleRun {
                needle: "n".into(),
                matched: 1,
                missed: 0,
                reserve: (*reserve >= 0.0).then_some(*reserve),
            })
            .collect();
        Drift::of(&runs).map(|drift| (drift.before, drift.recent))
    }

    #[test]
    fn a_reserve_that_was_halved_and_is_small_is_told() {
        let found = drift(&[0.005, 0.004, 0.006, 0.04, 0.038, 0.04]);
        assert_eq!(found, Some((0.04, 0.005)));
        // One outlier on each side does not change that. A run without a match (-1) does not count.
        let found = drift(&[0.005, -1.0, 0.03, 0.006, 0.04, 0.001, 0.04, 0.039]);
        assert_eq!(found, Some((0.0395, 0.006)));
    }

    #[test]
    fn what_is_no_drift_is_not_told() {
        for (why, newest_first) in [
            (
                "too few runs before",
                &[0.005, 0.005, 0.005, 0.04, 0.04][..],
            ),
            ("too few runs", &[0.001, 0.04]),
            ("no run", &[]),
            (
                "only the newest is low",
                &[0.001, 0.04, 0.04, 0.04, 0.04, 0.04],
            ),
            ("much is left", &[0.03, 0.03, 0.03, 0.1, 0.1, 0.1]),
            ("not halved", &[0.011, 0.011, 0.011, 0.02, 0.02, 0.02]),
            (
                "noise near the level",
                &[0.001, 0.001, 0.001, 0.004, 0.004, 0.004],
            ),
            (
                "it was always low",
                &[0.001, 0.001, 0.001, 0.001, 0.001, 0.001],
            ),
            ("it recovers", &[0.04, 0.04, 0.04, 0.001, 0.001, 0.001]),
        ] {
            assert_eq!(drift(newest_first), None, "{why}");
        }
    }
}

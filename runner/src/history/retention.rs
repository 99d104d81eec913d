//! Decides which runs are removed: a function of the runs, the limits and the time.

use std::fmt;

/// Nanoseconds of a day.
const DAY: i64 = 86_400_000_000_000;

/// The limits of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Limits {
    /// Runs that are younger than this number of days stay.
    pub keep_days: Option<u32>,
    /// This number of runs stays: the newest ones.
    pub keep_runs: Option<usize>,
    /// All runs together take at most this many bytes.
    pub max_bytes: Option<u64>,
}

/// A run, before it is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// The name of its folder.
    pub run: String,
    /// When it began, in nanoseconds since 1970.
    pub began: i64,
    /// The room that it takes on disk.
    pub bytes: u64,
    /// The reasons for which it must stay.
    pub holds: Vec<Hold>,
}

/// A reason for which a run must stay, whatever the limits are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Hold {
    /// It goes on.
    GoesOn,
    /// The link `latest` leads to it.
    Latest,
    /// It is the last run in which this cell held.
    LastGood(String),
    /// It is the first run after that in which this cell did not hold.
    FirstBad(String),
    /// A newer `qa` wrote its log, so nobody knows what it shows.
    NotReadable,
}

/// The decision about all runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Decision {
    /// The runs that are removed, the oldest first.
    pub removed: Vec<Candidate>,
    /// The runs that are over a limit and stay, the oldest first.
    pub held: Vec<Candidate>,
    /// The number of runs that are within the limits.
    pub within: usize,
}

/// Decides about runs, the oldest first.
///
/// If days or runs are limited, a run that no limit keeps is removed: with both limits, the newest runs stay, and the
/// young ones, too. Then, if all together are still too large, the oldest are removed until they are not. A run with a
/// hold always stays.
pub(crate) fn decide(oldest_first: Vec<Candidate>, limits: &Limits, now: i64) -> Decision {
    let count = oldest_first.len();
    let mut bytes = oldest_first
        .iter()
        .fold(0_u64, |sum, run| sum.saturating_add(run.bytes));
    let is_kept = |place: usize, run: &Candidate| {
        let (days, runs) = (limits.keep_days, limits.keep_runs);
        let age = now.saturating_sub(run.began);
        let is_young = |days: u32| age < i64::from(days).saturating_mul(DAY);
        let is_new = |runs: usize| count - place <= runs;
        (days.is_none() && runs.is_none()) || days.is_some_and(is_young) || runs.is_some_and(is_new)
    };
    let kept: Vec<bool> = oldest_first
        .iter()
        .enumerate()
        .map(|(place, run)| is_kept(place, run))
        .collect();
    for (run, kept) in oldest_first.iter().zip(&kept) {
        if !kept && run.holds.is_empty() {
            bytes -= run.bytes;
        }
    }
    let mut decision = Decision::default();
    for (run, kept) in oldest_first.into_iter().zip(kept) {
        let is_too_much = kept && limits.max_bytes.is_some_and(|most| bytes > most);
        if kept && !is_too_much {
            decision.within += 1;
        } else if run.holds.is_empty() {
            if is_too_much {
                bytes -= run.bytes;
            }
            decision.removed.push(run);
        } else {
            decision.held.push(run);
        }
    }
    decision
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GoesOn => f.write_str("it goes on"),
            Self::Latest => f.write_str("`latest` leads to it"),
            Self::LastGood(cell) => write!(f, "the last good run of `{cell}`"),
            Self::FirstBad(cell) => write!(f, "the first bad run of `{cell}`"),
            Self::NotReadable => f.write_str("a newer qa wrote its log"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A run for each day before day 10, the oldest first, of a byte each. Runs with these numbers are held.
    fn days(ages: &[i64], held: &[i64]) -> Vec<Candidate> {
        let run = |age: &i64| Candidate {
            run: age.to_string(),
            began: (10 - age) * DAY,
            bytes: 1,
            holds: held
                .iter()
                .filter(|held| *held == age)
                .map(|_| Hold::Latest)
                .collect(),
        };
        ages.iter().map(run).collect()
    }

    #[track_caller]
    fn removed(limits: Limits, held: &[i64]) -> (Vec<String>, Vec<String>, usize) {
        let decision = decide(days(&[5, 4, 3, 2, 1], held), &limits, 10 * DAY);
        let names = |runs: Vec<Candidate>| runs.into_iter().map(|run| run.run).collect();
        (
            names(decision.removed),
            names(decision.held),
            decision.within,
        )
    }

    #[test]
    fn what_no_limit_keeps_is_removed() {
        let days = |days| Limits {
            keep_days: Some(days),
            ..Limits::default()
        };
        let runs = |runs| Limits {
            keep_runs: Some(runs),
            ..Limits::default()
        };
        let size = |bytes| Limits {
            max_bytes: Some(bytes),
            ..Limits::default()
        };
        for (limits, expected) in [
            (days(3), &["5", "4", "3"][..]),
            (days(0), &["5", "4", "3", "2", "1"]),
            (days(u32::MAX), &[]),
            (runs(2), &["5", "4", "3"]),
            (runs(usize::MAX), &[]),
            (size(2), &["5", "4", "3"]),
            (size(0), &["5", "4", "3", "2", "1"]),
            (size(5), &[]),
            // With several limits, a run stays if one of days and runs keeps it, and there is room.
            (
                Limits {
                    keep_runs: Some(3),
                    ..days(3)
                },
                &["5", "4"],
            ),
            (
                Limits {
                    keep_runs: Some(1),
                    ..days(3)
                },
                &["5", "4", "3"],
            ),
            (
                Limits {
                    max_bytes: Some(1),
                    ..days(3)
                },
                &["5", "4", "3", "2"],
            ),
            (Limits::default(), &[]),
        ] {
            let (removed, held, within) = removed(limits, &[]);
            assert_eq!(removed, expected, "{limits:?}");
            assert_eq!((held.len(), within), (0, 5 - expected.len()), "{limits:?}");
        }
    }

    #[test]
    fn what_is_held_stays_and_others_make_the_room() {
        let limits = Limits {
            max_bytes: Some(2),
            ..Limits::default()
        };
        let (gone, held, within) = removed(limits, &[5, 3]);
        assert_eq!(
            (gone, held, within),
            (
                vec!["4".into(), "2".into(), "1".into()],
                vec!["5".into(), "3".into()],
                0
            )
        );
        // One that is within the limits is not told.
        let limits = Limits {
            keep_runs: Some(2),
            ..Limits::default()
        };
        let (gone, held, within) = removed(limits, &[4, 1]);
        assert_eq!(
            (gone, held, within),
            (vec!["5".into(), "3".into()], vec!["4".into()], 2)
        );
    }

    proptest! {
        #[test]
        fn nothing_that_is_held_is_removed_and_nothing_is_lost(
            runs in proptest::collection::vec((0_i64..20, 0_u64..9, any::<bool>()), 0..12),
            keep_days in proptest::option::of(0_u32..20),
            keep_runs in proptest::option::of(0_usize..12),
            max_bytes in proptest::option::of(0_u64..60),
        ) {
            let mut all: Vec<Candidate> = runs
                .into_iter()
                .map(|(day, bytes, is_held)| Candidate {
                    run: String::new(),
                    began: day * DAY,
                    bytes,
                    holds: is_held.then_some(Hold::GoesOn).into_iter().collect(),
                })
                .collect();
            all.sort_by_key(|run| run.began);
            let limits = Limits { keep_days, keep_runs, max_bytes };
            let decision = decide(all.clone(), &limits, 20 * DAY);
            prop_assert!(decision.removed.iter().all(|run| run.holds.is_empty()));
            prop_assert!(decision.held.iter().all(|run| !run.holds.is_empty()));
            let count = decision.removed.len() + decision.held.len() + decision.within;
            prop_assert_eq!(count, all.len());
            let sum = |runs: &[Candidate]| runs.iter().map(|run| run.bytes).sum::<u64>();
            let left = sum(&all) - sum(&decision.removed);
            // If the rest is still too large, all of it is held.
            if let Some(most) = max_bytes && left > most {
                prop_assert_eq!(decision.within, 0);
            }
        }
    }
}

//! Looks for several needles and puts the results in order.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::find::{find, find_if_there};
use super::outcome::Outcome;
use crate::matcher::frame::PreparedFrame;
use crate::matcher::template::PreparedNeedle;
use crate::needle::SearchRatio;

/// Candidates, best first.
///
/// Passing candidates come before failing ones, then the smaller error, then workarounds before ordinary needles, then
/// the name decides (os-autoinst, `needle.pm`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranking {
    /// The best candidate, if it passes.
    pub matched: Option<Outcome>,
    /// All other candidates, best first.
    pub candidates: Vec<Outcome>,
}

impl Ranking {
    /// Returns the second best candidate after a match. Returns `None` if nothing matched; the first candidate is the
    /// nearest then.
    pub fn runner_up(&self) -> Option<&Outcome> {
        self.matched.as_ref().and(self.candidates.first())
    }

    /// Returns all candidates, best first.
    pub fn into_outcomes(self) -> Vec<Outcome> {
        self.matched.into_iter().chain(self.candidates).collect()
    }

    /// Orders outcomes.
    pub fn of(mut outcomes: Vec<Outcome>) -> Self {
        outcomes.sort_by(order);
        let matched = match outcomes.first() {
            Some(first) if first.ok => Some(outcomes.remove(0)),
            Some(_) | None => None,
        };
        Self {
            matched,
            candidates: outcomes,
        }
    }
}

fn order(a: &Outcome, b: &Outcome) -> Ordering {
    let rank = |outcome: &Outcome| (!outcome.ok, outcome.needle.workaround().is_none());
    let ((failed_a, ordinary_a), (failed_b, ordinary_b)) = (rank(a), rank(b));
    (failed_a.cmp(&failed_b))
        .then(a.error.total_cmp(&b.error))
        .then(ordinary_a.cmp(&ordinary_b))
        .then_with(|| a.needle.name().cmp(b.needle.name()))
}

/// With at least so many candidates, the search runs in parallel. With fewer, a search costs less than waking a thread.
const PARALLEL_FROM: usize = 4;

/// Looks for all candidates, as [`crate::find`] does, and ranks them.
pub fn best(candidates: &[&PreparedNeedle], frame: &PreparedFrame, ratio: SearchRatio) -> Ranking {
    let look = |needle: &&PreparedNeedle| find(needle, frame, ratio);
    Ranking::of(if candidates.len() < PARALLEL_FROM {
        candidates.iter().map(look).collect()
    } else {
        candidates.par_iter().map(look).collect()
    })
}

/// Returns only the passing candidates, best first. This is the cheapest search for a loop that waits.
///
/// Texts are unread: the match is the first candidate whose texts turn out right.
pub fn passing(
    candidates: &[&PreparedNeedle],
    frame: &PreparedFrame,
    ratio: SearchRatio,
) -> Vec<Outcome> {
    let look = |needle: &&PreparedNeedle| find_if_there(needle, frame, ratio);
    let mut passing: Vec<Outcome> = if candidates.len() < PARALLEL_FROM {
        candidates.iter().filter_map(look).collect()
    } else {
        candidates.par_iter().filter_map(look).collect()
    };
    passing.sort_by(order);
    passing
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::needle::Needle;
    use std::sync::Arc;

    fn outcome(name: &str, properties: &str, ok: bool, error: f64) -> Outcome {
        let json = format!(r#"{{"properties":[{properties}],"area":[{{"width":1,"height":1}}]}}"#);
        let needle = Arc::new(Needle::from_json(name, json.as_bytes()).unwrap());
        Outcome {
            needle,
            ok,
            error,
            areas: Vec::new(),
            texts: Vec::new(),
        }
    }

    #[test]
    fn passing_then_error_then_workaround_then_name() {
        let workaround = r#""workaround""#;
        assert_eq!(Ranking::default().runner_up(), None);
        let ranking = Ranking::of(vec![
            outcome("f-b", "", false, 0.1),
            outcome("f-a", "", false, 0.1),
            outcome("worse", "", true, 0.02),
            outcome("plain", "", true, 0.01),
            outcome("work", workaround, true, 0.01),
            outcome("best", "", true, 0.0),
            outcome("f-best", "", false, 0.0),
        ]);
        assert_eq!(
            ranking.runner_up().map(|next| next.needle.name()),
            Some("work")
        );
        assert_eq!(ranking.matched.unwrap().needle.name(), "best");
        let names: Vec<_> = ranking
            .candidates
            .iter()
            .map(|outcome| outcome.needle.name().to_owned())
            .collect();
        assert_eq!(names, ["work", "plain", "worse", "f-best", "f-a", "f-b"]);
        let failed = Ranking::of(vec![outcome("f", "", false, 0.0)]);
        assert_eq!((failed.matched, failed.candidates.len()), (None, 1));
        assert_eq!(Ranking::of(Vec::new()), Ranking::default());
    }
}

use crate::{Outcome, PreparedFrame, PreparedNeedle, SearchRatio};

/// Candidates in the order of their fit.
///
/// Passing before failing, then smaller error, then workaround before ordinary needles, then by name (os-autoinst, `needle.pm`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranking {
    /// The best passing needle.
    pub matched: Option<Outcome>,
    /// All others, best first.
    pub candidates: Vec<Outcome>,
}

/// Looks for all candidates to the depth of [`crate::find`] and ranks them.
pub fn best(candidates: &[&PreparedNeedle], frame: &PreparedFrame, ratio: SearchRatio) -> Ranking {
    let _ = (candidates, frame, ratio);
    todo!()
}

/// The best passing candidate alone, the one [`best`] names; the cheapest way to ask in a loop.
pub fn best_match(
    candidates: &[&PreparedNeedle],
    frame: &PreparedFrame,
    ratio: SearchRatio,
) -> Option<Outcome> {
    let _ = (candidates, frame, ratio);
    todo!()
}

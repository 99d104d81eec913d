use crate::{Outcome, PreparedFrame, PreparedNeedle, SearchRatio};

/// Looks for a needle on a frame and says for each match area where it fits best and how well, also when it fails.
///
/// The place is that of the least sum of squared differences in the search window; ties go to the least distance from the
/// recorded place, then to the smaller y, then to the smaller x. An area whose similarity is 0 everywhere is reported at
/// its recorded place; [`Depth::Place`] finds the best place of these, too.
pub fn find(needle: &PreparedNeedle, frame: &PreparedFrame, ratio: SearchRatio) -> Outcome {
    find_to(needle, frame, ratio, Depth::Similarity)
}

/// Looks for a needle and gives up at the first match area that isn't there: the cheapest way to ask in a loop.
///
/// What is found is exactly what [`find`] finds.
pub fn find_if_there(
    needle: &PreparedNeedle,
    frame: &PreparedFrame,
    ratio: SearchRatio,
) -> Option<Outcome> {
    let outcome = find_to(needle, frame, ratio, Depth::Verdict);
    outcome.ok.then_some(outcome)
}

/// How much a search tells of areas that aren't there. Areas that are there are told exactly at every depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Only that they aren't: similarity 0 at the recorded place, and areas after the first failing one aren't tried.
    Verdict,
    /// Similarity and place, except where the similarity is 0 everywhere.
    Similarity,
    /// Always the true best place. It can cost a thousand times more.
    Place,
}

/// Looks for a needle to this depth.
pub fn find_to(
    needle: &PreparedNeedle,
    frame: &PreparedFrame,
    ratio: SearchRatio,
    depth: Depth,
) -> Outcome {
    let _ = (needle, frame, ratio, depth);
    todo!()
}

//! Turns the result of a search into a part of the event log.

use needles::Outcome;
use reports::{AreaFound, Candidate, Look, Wanted};

use crate::text_reader;

/// Returns the result of a search for the event log, with at most eight candidates that did not match.
pub(in crate::engine) fn report(
    query: &str,
    wanted: Wanted,
    matched: Option<&Outcome>,
    others: &[Outcome],
) -> Look {
    /// More candidates than this do not help a reader.
    const MOST: usize = 8;
    Look {
        query: query.to_owned(),
        wanted,
        matched: matched.map(candidate),
        candidates: others.iter().take(MOST).map(candidate).collect(),
    }
}

fn candidate(outcome: &Outcome) -> Candidate {
    let areas = outcome
        .areas
        .iter()
        .map(|found| {
            let recorded = outcome.needle.areas()[found.area].rect;
            AreaFound {
                x: i64::from(found.place.x),
                y: i64::from(found.place.y),
                width: found.place.width,
                height: found.place.height,
                recorded_x: i64::from(recorded.x),
                recorded_y: i64::from(recorded.y),
                similarity: found.similarity.value(),
                required: found.level.required(),
                ok: found.ok,
            }
        })
        .collect();
    Candidate {
        needle: outcome.needle.name().to_owned(),
        error: outcome.error,
        areas,
        picture: None,
        workaround: outcome.needle.workaround().map(|workaround| {
            workaround
                .reason
                .clone()
                .unwrap_or_else(|| "no reason given".to_owned())
        }),
        texts: text_reader::told(outcome),
    }
}

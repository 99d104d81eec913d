//! The needles that a checkpoint depends on.

use std::collections::BTreeSet;

use super::known::Piece;
use crate::value::TagPattern;

/// The needles that steps and watches may look for. Their pictures can change the behaviour.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Looks(BTreeSet<TagPattern>);

impl Looks {
    /// Returns true if a needle with these tags may be looked for. If a tag is not known before the step runs, every
    /// needle that fits counts.
    pub fn include(&self, tags: &[String]) -> bool {
        self.0.iter().any(|pattern| pattern.matches(tags))
    }

    /// Returns true if no needle is looked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the needles of `others`.
    pub fn extend(&mut self, others: &Self) {
        self.0.extend(others.0.iter().cloned());
    }

    /// Adds a string of tags. A space in it means that all of them are needed.
    pub(super) fn add(&mut self, pieces: &[Piece]) {
        let parts = pieces.iter().flat_map(|piece| match piece {
            Piece::Known(text) => vec![Some(text.reveal())],
            // The value may contain a space, so it can be the end of one tag and the beginning of another.
            Piece::List(_) | Piece::Unknown { .. } => vec![None, Some(" "), None],
        });
        self.0.insert(TagPattern::of(parts));
    }
}

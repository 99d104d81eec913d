use std::collections::BTreeSet;

use super::known::Piece;
use crate::value::TagPattern;

/// Which needles steps and watches may look at: those whose pictures can change what happens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Looks(BTreeSet<TagPattern>);

impl Looks {
    /// Returns whether a needle with these tags may be looked at. Where a tag is not known before the step
    /// runs, any that fits may.
    pub fn include(&self, tags: &[String]) -> bool {
        self.0.iter().any(|pattern| pattern.matches(tags))
    }

    /// Returns whether nothing is looked at.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what others look at.
    pub fn extend(&mut self, others: &Self) {
        self.0.extend(others.0.iter().cloned());
    }

    /// Adds a tag string, in which a space means all.
    pub(super) fn add(&mut self, pieces: &[Piece]) {
        let parts = pieces.iter().flat_map(|piece| match piece {
            Piece::Known(text) => vec![Some(text.reveal())],
            // It may have a space in it, and so be the end of one tag and the beginning of another.
            Piece::List(_) | Piece::Open { .. } => vec![None, Some(" "), None],
        });
        self.0.insert(TagPattern::of(parts));
    }
}

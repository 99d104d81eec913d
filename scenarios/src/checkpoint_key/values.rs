//! Feeds the values of variables as far as they are known before a step runs.

use super::hasher::KeyHasher;
use super::known::{Piece, Scope};
use crate::value::{ATTEMPT, FromText, TagQuery, Templated, Written};

impl KeyHasher {
    pub(super) fn pieces(&mut self, pieces: &[Piece]) {
        self.number(pieces.len());
        for piece in pieces {
            match piece {
                Piece::Known(text) => {
                    self.mark("text");
                    // A secret counts as such, because it is refused where it would be shown.
                    self.flag(text.is_secret());
                    self.text(text.reveal());
                }
                Piece::List(items) => {
                    self.mark("list");
                    self.number(items.len());
                    items.iter().for_each(|item| self.pieces(item));
                }
                Piece::Unknown { name, otherwise } => {
                    self.per_attempt |= name == ATTEMPT;
                    self.mark("open");
                    self.text(name);
                    self.pieces(otherwise);
                }
            }
        }
    }

    pub(super) fn value<T: FromText>(&mut self, value: &Templated<T>, scope: Scope<'_>) {
        self.pieces(&scope.template(value.template()));
    }

    pub(super) fn option<T: FromText>(&mut self, value: Option<&Templated<T>>, scope: Scope<'_>) {
        self.maybe(value, |to, value| to.value(value, scope));
    }

    pub(super) fn list<T: FromText>(&mut self, values: &[Templated<T>], scope: Scope<'_>) {
        self.number(values.len());
        values.iter().for_each(|value| self.value(value, scope));
    }

    /// Feeds named values. Their order does not count.
    pub(super) fn named<T: FromText>(
        &mut self,
        values: &[(String, Templated<T>)],
        scope: Scope<'_>,
    ) {
        let mut sorted: Vec<_> = values.iter().collect();
        sorted.sort_by_key(|(name, _)| name);
        self.number(sorted.len());
        for (name, value) in sorted {
            self.text(name);
            self.value(value, scope);
        }
    }

    pub(super) fn tags(&mut self, query: &TagQuery<Written>, scope: Scope<'_>) {
        let TagQuery { any_of } = query;
        self.number(any_of.len());
        for tags in any_of {
            let pieces = scope.template(tags.template());
            self.pieces(&pieces);
            self.looks.add(&pieces);
        }
    }
}

//! Visits all values of an action or a watch.

use super::phase::{Phase, Rendered};
use super::render::Render;
use super::tag_set::TagSet;
use super::templated::{FromText, Templated};
use super::vars::Vars;
use crate::finding::Diagnostic;

/// Visits all values of an action and makes an action of another phase. Rendering and checks are visitors.
pub(crate) trait Visitor: Sized {
    /// The phase of the result.
    type To: Phase;

    /// Makes a value.
    fn value<T: FromText>(&mut self, value: &Templated<T>) -> Result<Of<Self, T>, Diagnostic>;

    /// Makes a set of tags.
    fn tags(&mut self, tags: &Templated<TagSet>) -> Result<Of<Self, TagSet>, Diagnostic> {
        self.value(tags)
    }

    /// Makes a value that may be absent.
    fn option<T: FromText>(
        &mut self,
        value: &Option<Templated<T>>,
    ) -> Result<Option<Of<Self, T>>, Diagnostic> {
        value.as_ref().map(|value| self.value(value)).transpose()
    }

    /// Makes several values.
    fn list<T: FromText>(
        &mut self,
        values: &[Templated<T>],
    ) -> Result<Vec<Of<Self, T>>, Diagnostic> {
        values.iter().map(|value| self.value(value)).collect()
    }

    /// Makes named values.
    fn named<T: FromText>(
        &mut self,
        values: &[(String, Templated<T>)],
    ) -> Result<Named<Of<Self, T>>, Diagnostic> {
        values
            .iter()
            .map(|(name, value)| Ok((name.clone(), self.value(value)?)))
            .collect()
    }
}

/// Named values in the order written.
type Named<T> = Vec<(String, T)>;

/// A value of the phase that a visitor makes.
pub(crate) type Of<V, T> = <<V as Visitor>::To as Phase>::Of<T>;

/// Replaces variables by their values.
pub(crate) struct Renderer<'a>(pub(crate) &'a Vars);

impl Visitor for Renderer<'_> {
    type To = Rendered;

    fn value<T: FromText>(&mut self, value: &Templated<T>) -> Result<T, Diagnostic> {
        value.render(self.0)
    }
}

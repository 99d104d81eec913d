//! The needles that a step looks for.

use super::phase::{Phase, Rendered, Written};
use super::render::Render;
use super::tag_set::TagSet;
use super::templated::{Shown, Templated};
use super::vars::Vars;
use super::visitor::Visitor;
use crate::finding::Diagnostic;
use crate::yaml::{Kind, Node, Reader};

/// The needles to look for: those with all tags of any of these sets.
#[derive(Debug, Clone, PartialEq)]
pub struct TagQuery<P: Phase = Rendered> {
    /// The sets, at least one.
    pub any_of: Vec<P::Of<TagSet>>,
}

impl TagQuery {
    /// Returns the sets as lists of tags.
    pub fn lists(&self) -> Vec<Vec<&str>> {
        self.any_of
            .iter()
            .map(|set| set.tags().iter().map(String::as_str).collect())
            .collect()
    }
}

impl<P: Phase> std::fmt::Display for TagQuery<P> {
    /// Writes `a b or c`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sets: Vec<String> = self.any_of.iter().map(Shown::shown).collect();
        f.write_str(&sets.join(" or "))
    }
}

impl TagQuery<Written> {
    /// Reads one string of tags, or a list of alternatives.
    pub(crate) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let any_of = match &node.kind {
            Kind::List(items) if items.is_empty() => {
                return reader.invalid(
                    &node.at,
                    "expected a tag, found an empty list",
                    "name at least one tag",
                );
            }
            Kind::List(items) => reader.all(items, Templated::read)?,
            Kind::Null | Kind::Scalar { .. } | Kind::Map(_) => {
                reader.scalar(node, "a tag or a list of tags")?;
                vec![Templated::read(reader, node)?]
            }
        };
        Some(Self { any_of })
    }

    pub(crate) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<TagQuery<V::To>, Diagnostic> {
        Ok(TagQuery {
            any_of: self
                .any_of
                .iter()
                .map(|tags| visitor.tags(tags))
                .collect::<Result<_, _>>()?,
        })
    }

    pub(crate) fn visit_option<V: Visitor>(
        query: &Option<Self>,
        visitor: &mut V,
    ) -> Result<Option<TagQuery<V::To>>, Diagnostic> {
        query.as_ref().map(|query| query.visit(visitor)).transpose()
    }
}

impl Render for TagQuery<Written> {
    type Output = TagQuery;

    fn render(&self, vars: &Vars) -> Result<TagQuery, Diagnostic> {
        Ok(TagQuery {
            any_of: self.any_of.render(vars)?,
        })
    }
}

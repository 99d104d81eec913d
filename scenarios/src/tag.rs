use crate::phase::Visitor;
use crate::templated::{FromText, Shown, show_no_secret};
use crate::{Code, Diagnostic, Phase, Render, Rendered, Span, Text, Vars, Written};

/// Tags a needle must carry all of: one tag string, in which a space means all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagSet {
    tags: Vec<String>,
}

impl TagSet {
    /// The tags, at least one.
    pub fn tags(&self) -> &[String] {
        &self.tags
    }
}

impl Shown for TagSet {
    fn shown(&self) -> String {
        self.tags.join(" ")
    }
}

impl FromText for TagSet {
    fn from_text(text: &Text, at: &Span) -> Result<Self, Diagnostic> {
        show_no_secret(text, at, "a tag")?;
        let tags: Vec<String> = text
            .reveal()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        if tags.is_empty() {
            return Err(Diagnostic::new(
                Code::InvalidValue,
                at,
                "expected a tag, found empty text",
            ));
        }
        Ok(Self { tags })
    }
}

/// Which needles are looked for: those that carry all tags of any of these sets.
#[derive(Debug, Clone, PartialEq)]
pub struct TagQuery<P: Phase = Rendered> {
    /// At least one.
    pub any_of: Vec<P::Of<TagSet>>,
}

impl TagQuery {
    /// The sets as lists of tags.
    pub fn lists(&self) -> Vec<Vec<&str>> {
        self.any_of
            .iter()
            .map(|set| set.tags.iter().map(String::as_str).collect())
            .collect()
    }
}

impl<P: Phase> std::fmt::Display for TagQuery<P> {
    /// `a b or c`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sets: Vec<String> = self.any_of.iter().map(Shown::shown).collect();
        f.write_str(&sets.join(" or "))
    }
}

impl TagQuery<Written> {
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

use std::sync::Arc;

use crate::Needle;

/// Needles, asked for by tags. It holds no pictures.
#[derive(Clone, Debug, Default)]
pub struct NeedleSet {
    needles: Vec<Arc<Needle>>,
}

impl NeedleSet {
    /// A set of these. Needles of the same name in several folders all take part.
    pub fn new(needles: impl IntoIterator<Item = Needle>) -> Self {
        Self {
            needles: needles.into_iter().map(Arc::new).collect(),
        }
    }

    /// All of them, in the order given.
    pub fn needles(&self) -> &[Arc<Needle>] {
        &self.needles
    }

    /// The needle of this name; the last, where several have it.
    pub fn named(&self, name: &str) -> Option<&Arc<Needle>> {
        self.needles
            .iter()
            .rev()
            .find(|needle| needle.name() == name)
    }

    /// The needles that carry all the tags of any of these lists, each once, in the set's order.
    ///
    /// Tags are compared whole and in their case. An empty list asks for nothing and selects nothing.
    pub fn select(&self, any_of: &[Vec<&str>]) -> Vec<Arc<Needle>> {
        let fits = |needle: &Needle| {
            any_of
                .iter()
                .any(|all| !all.is_empty() && all.iter().all(|tag| needle.has_tag(tag)))
        };
        self.needles
            .iter()
            .filter(|needle| fits(needle))
            .cloned()
            .collect()
    }

    /// The needles that `variables` allows: one with tags `ENV-X-v` is kept only if variable X has one of these values.
    ///
    /// The variable's name ends at the first dash after `ENV-`; a tag without a value is an ordinary tag.
    pub fn fitting(&self, variables: impl Fn(&str) -> Option<String>) -> Self {
        let _ = &variables;
        todo!()
    }
}

/// One asked-for string as a list of tags: split at spaces, all of which must be carried.
pub fn split_tags(asked: &str) -> Vec<&str> {
    asked.split(' ').filter(|tag| !tag.is_empty()).collect()
}

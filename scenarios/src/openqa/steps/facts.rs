//! What is known of the whole distribution while one module is told.

use std::collections::{BTreeMap, BTreeSet};

use crate::openqa::perl::PerlFile;

/// What all modules share.
#[derive(Debug, Default)]
pub(in crate::openqa) struct Facts {
    /// The tags of each needle.
    pub(in crate::openqa) needles: Vec<BTreeSet<String>>,
    /// The number of the text terminal of each console, from `add_console`.
    pub(in crate::openqa) consoles: BTreeMap<String, u32>,
    /// The files of `lib/`.
    pub(in crate::openqa) library: Vec<PerlFile>,
    /// The width and height of the screen in pixels.
    pub(in crate::openqa) screen: (u32, u32),
}

impl Facts {
    /// Returns true if a needle has all tags of a query. A variable in it may have any value.
    pub(in crate::openqa) fn has_needle(&self, query: &str) -> bool {
        let words: Vec<Vec<String>> = query
            .split(' ')
            .filter(|word| !word.is_empty())
            .map(literals)
            .collect();
        let fits = |tags: &BTreeSet<String>, word: &[String]| match word {
            [whole] => tags.contains(whole),
            parts => tags.iter().any(|tag| is_like(tag, parts)),
        };
        !words.is_empty()
            && (self.needles.iter()).any(|tags| words.iter().all(|word| fits(tags, word)))
    }
}

/// Returns the text between the variables of a word.
fn literals(word: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once("{{") {
        parts.push(before.to_owned());
        rest = after.split_once("}}").map_or("", |(_, after)| after);
    }
    parts.push(rest.to_owned());
    parts
}

/// Returns true if a tag has these parts in this order, the first at its beginning and the last at its end.
fn is_like(tag: &str, parts: &[String]) -> bool {
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
        return false;
    };
    let Some(mut rest) = tag.strip_prefix(first.as_str()) else {
        return false;
    };
    for part in parts.iter().skip(1) {
        let Some(at) = rest.find(part.as_str()) else {
            return false;
        };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    tag.ends_with(last.as_str())
}

/// What the modules use of the rest of the project, collected while they are told.
#[derive(Debug, Default)]
pub(in crate::openqa) struct Uses {
    /// Variables of openQA, with the values that are used where they have none.
    pub(in crate::openqa) vars: BTreeMap<String, BTreeSet<String>>,
    /// True if a password of the system under test is typed.
    pub(in crate::openqa) password: bool,
}

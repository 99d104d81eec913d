//! Finds needles by their tags, and remembers which were found.

use std::collections::{BTreeMap, BTreeSet};

use super::needle_facts::NeedleFacts;
use crate::finding::{Code, Diagnostic, Severity, Span, did_you_mean};
use crate::value::TagPattern;

/// The needles, with a mark for those that a scenario looks for.
pub(super) struct NeedleIndex<'a> {
    needles: &'a [NeedleFacts],
    used: Vec<bool>,
}

impl<'a> NeedleIndex<'a> {
    pub(super) fn new(needles: &'a [NeedleFacts]) -> Self {
        Self {
            needles,
            used: vec![false; needles.len()],
        }
    }

    /// Finds needles that cannot be used, and names that two needles have.
    pub(super) fn broken(&self) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        let mut names: BTreeMap<&str, &str> = BTreeMap::new();
        for needle in self.needles {
            if let Some(problem) = &needle.problem {
                let mut finding = Diagnostic::about_file(
                    Code::BrokenNeedle,
                    needle.path.as_str(),
                    problem.as_str(),
                );
                if self.is_spare(needle) {
                    finding.severity = Severity::Warning;
                }
                findings.push(finding);
            } else if let Some(first) = names.get(needle.name.as_str()) {
                findings.push(same_name(needle, first));
            } else {
                names.insert(&needle.name, &needle.path);
            }
        }
        findings
    }

    /// Returns the paths of all needles that no scenario looks for.
    pub(super) fn unused_paths(&self) -> BTreeSet<String> {
        let needles = self.needles.iter().zip(&self.used);
        let unused = needles.filter(|(_, used)| !**used);
        unused.map(|(needle, _)| needle.path.clone()).collect()
    }

    /// Returns true if other needles have all its tags. A run leaves out such a needle if it is broken.
    fn is_spare(&self, needle: &NeedleFacts) -> bool {
        let is_usable = |other: &&NeedleFacts| other.problem.is_none();
        let has_other = |tag| {
            let mut others = self.needles.iter().filter(is_usable);
            others.any(|other| other.tags.contains(tag))
        };
        !needle.tags.is_empty() && needle.tags.iter().all(has_other)
    }

    /// Marks the needles with all of these tags as used. ChainError needles count, because they have a finding of their
    /// own.
    pub(super) fn look_for<T: AsRef<str>>(
        &mut self,
        tags: &[T],
        at: &Span,
    ) -> Result<(), Diagnostic> {
        let mut found = false;
        for (needle, used) in self.needles.iter().zip(&mut self.used) {
            if carries_all(needle, tags) {
                found = true;
                *used = true;
            }
        }
        if found {
            return Ok(());
        }
        Err(self.unknown(tags, at))
    }

    /// Marks the needles whose tags fit a pattern, for tags with variables that have no value yet.
    pub(super) fn look_like(
        &mut self,
        pattern: &TagPattern,
        written: &str,
        at: &Span,
    ) -> Result<(), Diagnostic> {
        let mut found = false;
        for (needle, used) in self.needles.iter().zip(&mut self.used) {
            if pattern.matches(&needle.tags) {
                found = true;
                *used = true;
            }
        }
        if found {
            return Ok(());
        }
        let message = format!("no needle carries a tag like `{written}`");
        Err(Diagnostic::new(Code::UnknownTag, at, message)
            .with_help("whatever the variable holds, no tag begins and ends like this"))
    }

    /// Returns the usable needles with all of these tags that lack the click point.
    pub(super) fn without_point<T: AsRef<str>>(
        &self,
        tags: &[T],
        point: &str,
    ) -> Vec<&'a NeedleFacts> {
        self.needles
            .iter()
            .filter(|needle| needle.problem.is_none() && carries_all(needle, tags))
            .filter(|needle| !needle.click_points.iter().any(|id| id == point))
            .collect()
    }

    /// Finds needles that no scenario looks for.
    pub(super) fn unused(&self) -> Vec<Diagnostic> {
        self.needles
            .iter()
            .zip(&self.used)
            .filter(|(needle, used)| !**used && needle.problem.is_none())
            .map(|(needle, _)| {
                let help = if needle.tags.is_empty() {
                    "it has no tag, so nothing can look for it".to_owned()
                } else {
                    format!("its tags: {}", needle.tags.join(", "))
                };
                let message = format!("no scenario looks for the needle `{}`", needle.name);
                Diagnostic::about_file(Code::UnusedNeedle, needle.path.as_str(), message)
                    .with_help(help)
            })
            .collect()
    }

    fn unknown<T: AsRef<str>>(&self, tags: &[T], at: &Span) -> Diagnostic {
        let known = || {
            self.needles
                .iter()
                .flat_map(|needle| needle.tags.iter().map(String::as_str))
        };
        let unknown = tags
            .iter()
            .map(AsRef::as_ref)
            .find(|tag| !known().any(|other| other == *tag));
        match unknown {
            Some(tag) => {
                let help = did_you_mean(tag, known()).unwrap_or_else(|| {
                    "cut one from a frame of a run: `qa needle crop FRAME --area X,Y,W,H --tag TAG`".to_owned()
                });
                let message = format!("no needle carries the tag `{tag}`");
                Diagnostic::new(Code::UnknownTag, at, message).with_help(help)
            }
            None => {
                let all: Vec<&str> = tags.iter().map(AsRef::as_ref).collect();
                let message = format!("no needle carries all of the tags `{}`", all.join(" "));
                Diagnostic::new(Code::UnknownTag, at, message).with_help(format!(
                    "for any of them write a list: `[{}]`",
                    all.join(", ")
                ))
            }
        }
    }
}

/// Returns the finding that an earlier needle has the same name. openQA takes such needles, and a run does, too.
fn same_name(needle: &NeedleFacts, first: &str) -> Diagnostic {
    let message = format!(
        "two needles are called `{}`: `{first}` and `{}`",
        needle.name, needle.path
    );
    Diagnostic {
        severity: Severity::Warning,
        ..Diagnostic::about_file(Code::DuplicateName, needle.path.as_str(), message)
            .with_help("rename the JSON file and its picture: reports name needles")
    }
}

fn carries_all<T: AsRef<str>>(needle: &NeedleFacts, tags: &[T]) -> bool {
    tags.iter()
        .all(|tag| needle.tags.iter().any(|own| own == tag.as_ref()))
}

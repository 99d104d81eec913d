//! Findings about single needles.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use needles::{Needle, NeedleSketch, Picture, PreparedFrame, PreparedNeedle, SearchRatio};
use rayon::prelude::*;
use reports::TextResult;

use super::Entry;
use super::finding::Finding;
use super::kind::Kind;
use super::prepared::picture_of;
use crate::commands::context::Context;
use crate::commands::needle::inputs::unread;
use crate::failure::Failure;
use crate::needle_store::{Fitness, NeedleStore};
use crate::text_reader;

/// The findings of a set, and its sketches.
pub(super) struct Judged {
    pub(super) findings: Vec<Finding>,
    /// One for each needle of the set; none if its picture cannot be read.
    pub(super) sketches: Vec<Option<NeedleSketch>>,
}

/// Judges each needle by its two files. Every picture is decoded once, on all processors.
pub(super) fn judge_all(entries: &[Entry<'_>]) -> Judged {
    let judged: Vec<_> = entries.par_iter().map(|&entry| judge(entry)).collect();
    let (findings, sketches): (Vec<_>, Vec<_>) = judged.into_iter().unzip();
    Judged {
        findings: findings.into_iter().flatten().collect(),
        sketches,
    }
}

fn judge((needle, path): Entry<'_>) -> (Vec<Finding>, Option<NeedleSketch>) {
    match Fitness::of(needle, path) {
        Fitness::Judged {
            picture,
            hopeless,
            doubtful,
        } => {
            let mut problems = [hopeless, doubtful].concat();
            problems.extend(needles::picture_problems(needle, &picture));
            let findings = problems
                .iter()
                .map(|problem| Finding::new(Kind::of(problem), path, problem.to_string()));
            (findings.collect(), Some(NeedleSketch::of(needle, &picture)))
        }
        Fitness::NoPicture(message) => (vec![Finding::new(Kind::Broken, path, message)], None),
    }
}

/// Returns a finding for each needle whose name an earlier one has.
pub(super) fn duplicates(entries: &[Entry<'_>]) -> Vec<Finding> {
    let mut first: BTreeMap<&str, &Path> = BTreeMap::new();
    let mut findings = Vec::new();
    for &(needle, path) in entries {
        match first.get(needle.name()) {
            None => _ = first.insert(needle.name(), path),
            Some(earlier) => {
                let message = format!(
                    "`{}` has the same name; reports name needles, so rename the files of one",
                    earlier.display()
                );
                findings.push(Finding::new(Kind::SameName, path, message));
            }
        }
    }
    findings
}

/// Returns the texts of needles that their own pictures do not show. Says how many texts could not be read.
///
/// # Errors
/// When tesseract is installed but does not work.
pub(super) fn wrong_texts(
    context: &Context,
    store: &NeedleStore,
    entries: &[Entry<'_>],
) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    let mut skipped = (0, String::new());
    for &(needle, path) in entries.iter().filter(|(needle, _)| tells_by_text(needle)) {
        // A picture that cannot be read has a finding of its own.
        let Some(picture) = picture_of(path) else {
            continue;
        };
        let frame = PreparedFrame::new(picture);
        let prepared = PreparedNeedle::new(Arc::clone(needle), frame.picture());
        let mut outcome = needles::find(&prepared, &frame, SearchRatio::MARGIN);
        let read = store.reader().judge(&mut outcome, frame.picture());
        context.block_on(read)?.map_err(unread)?;
        for text in text_reader::told(&outcome) {
            match &text.result {
                TextResult::Differs { .. } => {
                    let message = format!("its own picture: {}", text.text());
                    findings.push(Finding::new(Kind::NeverFound, path, message));
                }
                TextResult::Skipped { reason } => skipped = (skipped.0 + 1, reason.clone()),
                TextResult::Fits { .. } | TextResult::Unread => {}
            }
        }
    }
    if let (texts @ 1.., reason) = &skipped {
        context.say(&format!("{texts} texts were not read: {reason}"));
    }
    Ok(findings)
}

/// Returns true if a needle has a text. Such a needle differs from others by its text, not only by its picture.
pub(super) fn tells_by_text(needle: &Needle) -> bool {
    needle.areas().iter().any(|area| area.text.is_some())
}

/// Returns findings about `part-of` properties that are not true.
pub(super) fn part_of_nothing(entries: &[Entry<'_>]) -> Vec<Finding> {
    let by_name: BTreeMap<&str, &Path> = entries
        .iter()
        .map(|(needle, path)| (needle.name(), *path))
        .collect();
    let mut findings = Vec::new();
    for &(needle, path) in entries
        .iter()
        .filter(|(needle, _)| !needle.part_of().is_empty())
    {
        let own = picture_of(path).map(|picture| PreparedNeedle::new(Arc::clone(needle), &picture));
        for name in needle.part_of() {
            let message = match by_name.get(name.as_str()) {
                None => format!("`part-of:{name}` names a needle that does not exist"),
                Some(whole) if !matches(own.as_ref(), picture_of(whole)) => {
                    format!("`part-of:{name}`: this needle does not match the picture of `{name}`")
                }
                Some(_) => continue,
            };
            findings.push(Finding::new(Kind::PartOf, path, message));
        }
    }
    findings
}

/// Returns true if a needle matches a picture. What cannot be read does not match.
fn matches(needle: Option<&PreparedNeedle>, picture: Option<Picture>) -> bool {
    let (Some(needle), Some(picture)) = (needle, picture) else {
        return false;
    };
    let frame = PreparedFrame::new(picture);
    needles::find_if_there(needle, &frame, SearchRatio::MARGIN).is_some()
}

//! `qa needle check`: finds likely mistakes in needles, and needles that match each other's picture.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use needles::{Needle, Picture, PreparedFrame, SearchRatio};
use reports::TextResult;
use serde_json::json;

use super::inputs::{store, unread};
use crate::cli::Format;
use crate::commands::context::Context;
use crate::commands::print::{print, print_json};
use crate::failure::Failure;
use crate::needle_store::{Fitness, NeedleStore, read_picture};
use crate::text_reader;

/// A file and its mistake.
type Finding = (PathBuf, String);

pub(super) fn check(
    context: &Context,
    dir: Option<PathBuf>,
    format: Format,
) -> Result<reports::ExitStatus, Failure> {
    let store = store(context, dir)?;
    let mut findings: Vec<Finding> = store
        .faults()
        .iter()
        .map(|fault| (fault.path.clone(), fault.message.clone()))
        .collect();
    let mut skipped = Skipped::default();
    for (needle, path) in store.entries() {
        match Fitness::of(needle, path) {
            Fitness::Judged {
                picture,
                hopeless,
                doubtful,
            } => {
                let mut problems = [hopeless, doubtful].concat();
                problems.extend(needles::picture_problems(needle, &picture));
                let mut own: Vec<String> = problems.iter().map(ToString::to_string).collect();
                own.extend(wrong_texts(
                    context,
                    &store,
                    needle,
                    &picture,
                    &mut skipped,
                )?);
                let frame = PreparedFrame::new(picture);
                own.extend(matched_by_others(&store, needle, &frame));
                own.extend(part_of_nothing(&store, needle));
                findings.extend(own.into_iter().map(|message| (path.to_owned(), message)));
            }
            Fitness::NoPicture(message) => findings.push((path.to_owned(), message)),
        }
    }
    if let Skipped { texts: 1.., reason } = &skipped {
        context.say(&format!("{} texts were not read: {reason}", skipped.texts));
    }
    findings.sort();
    for (path, message) in &findings {
        match format {
            Format::Json => print_json(&json!({"file": path, "problem": message}))?,
            Format::Text => print(&format!("{}: {message}", path.display()))?,
        }
    }
    let count = store.count() + store.faults().len();
    if format == Format::Text {
        print(&format!("{count} needles, {} problems", findings.len()))?;
    }
    // The same status as for `qa check`: the project is wrong, not the system under test.
    Ok(if findings.is_empty() {
        reports::ExitStatus::Success
    } else {
        reports::ExitStatus::Usage
    })
}

/// Texts that could not be read.
#[derive(Default)]
struct Skipped {
    texts: usize,
    reason: String,
}

/// Returns the texts of a needle that its own picture does not show.
fn wrong_texts(
    context: &Context,
    store: &NeedleStore,
    needle: &Arc<Needle>,
    picture: &Picture,
    skipped: &mut Skipped,
) -> Result<Vec<String>, Failure> {
    if !tells_by_text(needle) {
        return Ok(Vec::new());
    }
    let prepared = store.prepare(needle).map_err(Failure::error)?;
    let frame = PreparedFrame::new(picture.clone());
    let mut outcome = needles::find(&prepared, &frame, SearchRatio::MARGIN);
    let read = store.reader().judge(&mut outcome, picture);
    context.block_on(read)?.map_err(unread)?;
    let mut wrong = Vec::new();
    for text in text_reader::told(&outcome) {
        match &text.result {
            TextResult::Differs { .. } => wrong.push(format!("its own picture: {}", text.text())),
            TextResult::Skipped { reason } => {
                skipped.texts += 1;
                reason.clone_into(&mut skipped.reason);
            }
            TextResult::Fits { .. } | TextResult::Unread => {}
        }
    }
    Ok(wrong)
}

/// Returns true if a needle has a text. Such a needle differs from others by its text, not only by its picture.
fn tells_by_text(needle: &Needle) -> bool {
    needle.areas().iter().any(|area| area.text.is_some())
}

/// Returns findings about needles with a common tag that match each other's picture: one finding for each pair, unless
/// one needle is a part of the other on purpose. Needles without a common tag are often cut from one screen, each for a
/// different thing on it.
fn matched_by_others(
    store: &NeedleStore,
    needle: &Arc<Needle>,
    frame: &PreparedFrame,
) -> Vec<String> {
    let later = store
        .entries()
        .skip_while(|(other, _)| !Arc::ptr_eq(other, needle))
        .skip(1);
    let meant = |a: &Needle, b: &Needle| a.part_of().iter().any(|whole| whole == b.name());
    let worth = later.filter(|(other, _)| {
        other
            .tags()
            .iter()
            .any(|tag| is_of_a_thing(tag) && needle.has_tag(tag))
            && !meant(needle, other)
            && !meant(other, needle)
            && !tells_by_text(needle)
            && !tells_by_text(other)
    });
    let mut findings = Vec::new();
    for (other, other_path) in worth {
        // A needle that cannot be read has its own finding.
        let Ok(prepared) = store.prepare(other) else {
            continue;
        };
        if needles::find_if_there(&prepared, frame, SearchRatio::MARGIN).is_none() {
            continue;
        }
        if matches_picture(store, needle, other_path) {
            findings.push(format!(
                "this needle and `{other}` match each other's picture: remove one of them, or, if one is a part of the \
                    other on purpose, write \"properties\": [\"part-of:{other}\"]",
                other = other.name()
            ));
        }
    }
    findings
}

/// Returns true if a tag names a thing on the screen. The tags `ENV-...` of openQA name the tests that use a needle.
fn is_of_a_thing(tag: &str) -> bool {
    !tag.starts_with("ENV-")
}

/// Returns findings about `part-of` properties that are not true.
fn part_of_nothing(store: &NeedleStore, needle: &Arc<Needle>) -> Vec<String> {
    let mut findings = Vec::new();
    for name in needle.part_of() {
        let whole = store.entries().find(|(other, _)| other.name() == name);
        match whole {
            None => findings.push(format!(
                "`part-of:{name}` names a needle that does not exist"
            )),
            Some((_, path)) if !matches_picture(store, needle, path) => findings.push(format!(
                "`part-of:{name}`: this needle does not match the picture of `{name}`"
            )),
            Some(_) => {}
        }
    }
    findings
}

/// Returns true if a needle matches the picture of the needle in this file.
fn matches_picture(store: &NeedleStore, needle: &Arc<Needle>, other: &Path) -> bool {
    let (Ok(own), Ok(picture)) = (
        store.prepare(needle),
        read_picture(&other.with_extension("png")),
    ) else {
        return false;
    };
    let frame = PreparedFrame::new(picture);
    needles::find_if_there(&own, &frame, SearchRatio::MARGIN).is_some()
}

//! `qa needle check`: what is likely wrong with needles, each and among themselves.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use needles::{Needle, PreparedFrame, SearchRatio};
use serde_json::json;

use super::store;
use crate::cli::Format;
use crate::commands::{Context, print, print_json};
use crate::failure::Failure;
use crate::needle_store::{NeedleStore, read_picture};

/// In sets of more needles than this, only needles that share a tag are compared with each other: all pairs of 13,000 needles would
/// take hours.
const MOST_FOR_ALL_PAIRS: usize = 300;

pub(super) fn check(
    context: &Context,
    dir: Option<PathBuf>,
    format: Format,
) -> Result<reports::ExitStatus, Failure> {
    let store = store(context, dir)?;
    let mut findings: Vec<(PathBuf, String)> = store
        .faults()
        .iter()
        .map(|fault| (fault.path.clone(), fault.message.clone()))
        .collect();
    for (needle, path) in store.entries() {
        match read_picture(&path.with_extension("png")) {
            Ok(picture) => {
                let mut problems = needle.problems(picture.width(), picture.height());
                problems.extend(needles::picture_problems(needle, &picture));
                let found = problems
                    .iter()
                    .map(|problem| (path.to_owned(), problem.to_string()));
                findings.extend(found);
                let frame = PreparedFrame::new(picture);
                findings.extend(matched_by_others(&store, needle, path, &frame));
            }
            Err(message) => findings.push((path.to_owned(), message)),
        }
    }
    findings.sort();
    for (path, message) in &findings {
        match format {
            Format::Json => print_json(&json!({"file": path, "problem": message}))?,
            Format::Text => print(&format!("{}: {message}", path.display()))?,
        }
    }
    let count = store.set().needles().len() + store.faults().len();
    if format == Format::Text {
        print(&format!("{count} needles, {} problems", findings.len()))?;
    }
    Ok(if findings.is_empty() {
        reports::ExitStatus::Success
    } else {
        reports::ExitStatus::Failed
    })
}

/// The needles that match this one's picture while this one matches theirs, said once for each pair.
fn matched_by_others(
    store: &NeedleStore,
    needle: &Arc<Needle>,
    path: &Path,
    frame: &PreparedFrame,
) -> Vec<(PathBuf, String)> {
    let all_pairs = store.set().needles().len() <= MOST_FOR_ALL_PAIRS;
    let later = store
        .entries()
        .skip_while(|(other, _)| !Arc::ptr_eq(other, needle))
        .skip(1);
    let worth =
        later.filter(|(other, _)| all_pairs || other.tags().iter().any(|tag| needle.has_tag(tag)));
    let mut findings = Vec::new();
    for (other, other_path) in worth {
        // What cannot be read is a finding of its own.
        let Ok(prepared) = store.prepare(other) else {
            continue;
        };
        if needles::find_if_there(&prepared, frame, SearchRatio::MARGIN).is_none() {
            continue;
        }
        let (Ok(own), Ok(picture)) = (
            store.prepare(needle),
            read_picture(&other_path.with_extension("png")),
        ) else {
            continue;
        };
        if needles::find_if_there(&own, &PreparedFrame::new(picture), SearchRatio::MARGIN).is_some()
        {
            let message = format!(
                "it and `{}` match each other's picture: one is superfluous, or the screen has both",
                other.name()
            );
            findings.push((path.to_owned(), message));
        }
    }
    findings
}

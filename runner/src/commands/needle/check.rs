//! `qa needle check`: finds likely mistakes in needles, and needles that match each other's picture.

mod finding;
mod kind;
mod own;
mod pairs;
mod prepared;
mod real_tags;
mod told;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use needles::Needle;

use super::inputs::store;
use crate::cli::Format;
use crate::commands::context::Context;
use crate::failure::Failure;
use finding::Finding;
use kind::Kind;

/// A usable needle and its JSON file.
type Entry<'a> = (&'a Arc<Needle>, &'a Path);

/// The call of `qa needle check`.
pub(super) struct Asked {
    /// The folder of needles; none for those of the project.
    pub(super) dir: Option<PathBuf>,
    /// True if a group shows all its findings.
    pub(super) all: bool,
    /// True if warnings count as errors.
    pub(super) strict: bool,
    pub(super) format: Format,
}

pub(super) fn check(context: &Context, asked: Asked) -> Result<reports::ExitStatus, Failure> {
    let store = store(context, asked.dir)?;
    let entries: Vec<Entry<'_>> = store.entries().collect();
    let faults = store.faults().iter();
    let mut findings: Vec<Finding> = faults
        .map(|fault| Finding::new(Kind::Broken, &fault.path, fault.message.clone()))
        .collect();
    findings.extend(own::duplicates(&entries));
    let judged = own::judge_all(&entries);
    findings.extend(judged.findings);
    findings.extend(own::wrong_texts(context, &store, &entries)?);
    findings.extend(own::part_of_nothing(&entries));
    let pairs = pairs::matching(&entries, &judged.sketches);
    findings.extend(pairs.into_iter().map(|(needle, other)| {
        let (needle, other) = (entries[needle], entries[other]);
        Finding::of_pair(needle.1, other.0.name())
    }));
    findings.sort();
    let count = store.count() + store.faults().len();
    told::tell(&findings, count, asked.format, asked.all)?;
    let (errors, warnings) = told::counts(&findings);
    // The same status as for `qa check`: the project is wrong, not the system under test.
    Ok(if errors > 0 || (asked.strict && warnings > 0) {
        reports::ExitStatus::Usage
    } else {
        reports::ExitStatus::Success
    })
}

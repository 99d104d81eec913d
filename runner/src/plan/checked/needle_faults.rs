//! Checks the needles that a run may use, before a machine starts: some can never match, or cannot be read.

use std::path::{Path, PathBuf};

use ::needles::{Needle, NeedleProblem};
use scenarios::{Assigned, Code, Diagnostic, Looks, Watch};

use super::CheckedJob;
use crate::needle_store::{Fitness, NeedleFault, NeedleStore};
use crate::project::shown_from_here;

/// The faults of needles that a run may use.
#[derive(Debug, Default)]
pub(in crate::plan) struct NeedleFaults {
    /// Mistakes of their authors. They are errors for a run, as for `qa check`.
    pub mistakes: Vec<Diagnostic>,
    /// The JSON files of needles whose picture cannot be read, with the reason. Other needles of their tag may be used.
    pub unreadable: Vec<(PathBuf, String)>,
}

impl NeedleFaults {
    /// Reads the pictures of all needles that these jobs may search for. Takes some milliseconds each, on all
    /// processors.
    pub(in crate::plan) fn of(store: &NeedleStore, jobs: &[CheckedJob]) -> Self {
        let mut looks = Looks::default();
        jobs.iter().for_each(|job| looks_of(job, &mut looks));
        let used: Vec<(&Needle, &Path)> = store
            .entries()
            .filter(|(needle, _)| looks.include(needle.tags()))
            .map(|(needle, path)| (needle.as_ref(), path))
            .collect();
        let mut faults = Self::default();
        for ((needle, path), hopeless) in used.iter().zip(judged(&used)) {
            match hopeless {
                Err(message) => {
                    faults.unreadable.push((path.to_path_buf(), message));
                }
                Ok(hopeless) => {
                    faults.mistakes.extend(hopeless.iter().map(|problem| {
                        let message = format!("needle `{}`: {problem}", needle.name());
                        Diagnostic::about_file(Code::BrokenNeedle, shown_from_here(path), message)
                    }));
                }
            }
        }
        faults
    }
}

/// The number of files that are named one by one.
const MOST_NAMED: usize = 3;

/// Returns remarks about needles that a job may search for, but that are left out.
pub(in crate::plan) fn remarks(job: &CheckedJob, store: &NeedleStore) -> Vec<String> {
    if store.faults().is_empty() {
        return Vec::new();
    }
    let mut looks = Looks::default();
    looks_of(job, &mut looks);
    // A file that cannot be read has no known tags, so it may concern every search.
    let is_left_out = |fault: &&NeedleFault| match fault.tags.is_empty() {
        true => !looks.is_empty(),
        false => looks.include(&fault.tags),
    };
    let faults: Vec<_> = store.faults().iter().filter(is_left_out).collect();
    let named = faults.iter().take(MOST_NAMED);
    let mut remarks: Vec<String> = named
        .map(|fault| format!("left out: {}", fault.message))
        .collect();
    if let Some(more @ 1..) = faults.len().checked_sub(MOST_NAMED) {
        remarks.push(format!(
            "left out: {more} more needle files; `qa check` lists them"
        ));
    }
    remarks
}

/// Adds the needles that any step or watch of a job may search for.
fn looks_of(job: &CheckedJob, all: &mut Looks) {
    let mut assigned = Assigned::new();
    for stage in &job.draft.stages {
        for step in &stage.steps {
            all.extend(&step.key_material(&stage.vars, &mut assigned).looks);
        }
        for material in stage.watches.iter().map(Watch::key_material) {
            all.extend(&material.looks);
        }
    }
}

/// Returns for each needle the problems because of which it can never match, or the reason why it cannot be read.
fn judged(needles: &[(&Needle, &Path)]) -> Vec<Result<Vec<NeedleProblem>, String>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let part = needles.len().div_ceil(threads).max(1);
    let judge = |part: &[(&Needle, &Path)]| -> Vec<_> {
        // The pictures are not kept in memory, because there may be many.
        let judge = |(needle, path): &(&Needle, &Path)| match Fitness::of(needle, path) {
            Fitness::NoPicture(message) => Err(message),
            Fitness::Judged { hopeless, .. } => Ok(hopeless),
        };
        part.iter().map(judge).collect()
    };
    std::thread::scope(|scope| {
        let parts: Vec<_> = needles
            .chunks(part)
            .map(|part| scope.spawn(move || judge(part)))
            .collect();
        let done = parts.into_iter().flat_map(|part| match part.join() {
            Ok(part) => part,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        done.collect()
    })
}

//! The needles that a run is about to use: those that can never be found are told before a machine starts.

use std::path::{Path, PathBuf};

use ::needles::{Needle, NeedleProblem};
use scenarios::{Assigned, Code, Diagnostic, Looks, Watch};

use crate::engine::Job;
use crate::needle_store::{Fitness, NeedleFault, NeedleStore};
use crate::project::shown_from_here;

/// The faults of needles that a run is about to use.
#[derive(Debug, Default)]
pub(super) struct Unfit {
    /// Mistakes of their authors: `qa check` calls them errors, and so does a run.
    pub(super) mistakes: Vec<Diagnostic>,
    /// Needles whose picture cannot be read, by their JSON file, with the reason: others of their tag may do.
    pub(super) unreadable: Vec<(PathBuf, String)>,
}

impl Unfit {
    /// Reads the pictures of all needles that these jobs may look for: some milliseconds each, on all processors.
    pub(super) fn of(store: &NeedleStore, jobs: &[Job]) -> Self {
        let looks = all_looks(jobs);
        let used: Vec<(&Needle, &Path)> = store
            .entries()
            .filter(|(needle, _)| looks.include(needle.tags()))
            .map(|(needle, path)| (needle.as_ref(), path))
            .collect();
        let mut unfit = Self::default();
        for ((needle, path), hopeless) in used.iter().zip(judged(&used)) {
            match hopeless {
                Err(message) => {
                    unfit.unreadable.push((path.to_path_buf(), message));
                }
                Ok(hopeless) => {
                    unfit.mistakes.extend(hopeless.iter().map(|problem| {
                        let message = format!("needle `{}`: {problem}", needle.name());
                        Diagnostic::about_file(Code::BrokenNeedle, shown_from_here(path), message)
                    }));
                }
            }
        }
        unfit
    }
}

/// Returns the needles that any step or watch may look at.
fn all_looks(jobs: &[Job]) -> Looks {
    let mut all = Looks::default();
    for job in jobs {
        looks_of(job, &mut all);
    }
    all
}

/// So many files are named one by one.
const MOST_NAMED: usize = 3;

/// Notes in the jobs which of the needles that they may look for are left out.
pub(super) fn remark(jobs: &mut [Job], store: &NeedleStore) {
    if store.faults().is_empty() {
        return;
    }
    for job in jobs {
        let mut looks = Looks::default();
        looks_of(job, &mut looks);
        // Which tags a file has that cannot be read, nobody knows.
        let is_left_out = |fault: &&NeedleFault| match fault.tags.is_empty() {
            true => !looks.is_empty(),
            false => looks.include(&fault.tags),
        };
        let faults: Vec<_> = store.faults().iter().filter(is_left_out).collect();
        let named = faults.iter().take(MOST_NAMED);
        job.remarks
            .extend(named.map(|fault| format!("left out: {}", fault.message)));
        if let Some(more @ 1..) = faults.len().checked_sub(MOST_NAMED) {
            job.remarks.push(format!(
                "left out: {more} more files of needles; `qa check` names them"
            ));
        }
    }
}

fn looks_of(job: &Job, all: &mut Looks) {
    let mut assigned = Assigned::new();
    for stage in &job.stages {
        for step in &stage.steps {
            all.extend(&step.key_material(&stage.vars, &mut assigned).looks);
        }
        for material in stage.watches.iter().map(Watch::key_material) {
            all.extend(&material.looks);
        }
    }
}

/// Returns why needles can never be found, or cannot be read, in their order.
fn judged(needles: &[(&Needle, &Path)]) -> Vec<Result<Vec<NeedleProblem>, String>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let part = needles.len().div_ceil(threads).max(1);
    let judge = |part: &[(&Needle, &Path)]| -> Vec<_> {
        // Their pictures are not kept: there may be many.
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

//! The files that decide what a job does, with digests: reports compare them with those of other runs.

use std::path::Path;

use reports::InputFile;
use scenarios::Library;

use super::cell::{absolute, files};
use super::checked::CheckedJob;
use super::stages::NeedleFiles;
use crate::project::Project;

/// The digits of a digest that are kept. Files that differ by chance have different ones.
const DIGITS: usize = 12;

/// Returns the project file, the scenario files and the needles of a job, relative to the project.
pub(super) fn input_files(
    project: &Project,
    library: &Library,
    job: &CheckedJob,
    needles: &[NeedleFiles],
) -> Vec<InputFile> {
    let stages = job.draft.stages.iter().map(|stage| stage.scenario.as_ref());
    let texts = files(project, library, stages);
    let texts = texts
        .into_iter()
        .map(|(path, digest)| input(&path, digest.to_string()));
    let root = absolute(&project.root);
    let needles = needles.iter().filter_map(|needle| {
        let json = absolute(&needle.json);
        let digest = vm::image::Digest::from_bytes(needle.digest?);
        Some(input(
            json.strip_prefix(&root).unwrap_or(&json),
            digest.to_string(),
        ))
    });
    texts.chain(needles).collect()
}

fn input(path: &Path, digest: String) -> InputFile {
    let digits = digest.strip_prefix("sha256:").unwrap_or(&digest);
    InputFile {
        file: path.display().to_string(),
        digest: digits.chars().take(DIGITS).collect(),
    }
}

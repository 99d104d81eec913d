//! Finds out which files of a project are scenarios.

use std::path::{Path, PathBuf};

use super::PROJECT_FILE;
use crate::results::RESULTS_FOLDER;

/// Separates scenarios from other files in a folder of scenarios. That folder may be the whole project.
#[derive(Debug)]
pub(super) struct ScenarioFiles {
    /// The folders of results and of needles, without links and dots, because a folder can be written in many ways.
    other_folders: Vec<PathBuf>,
}

impl ScenarioFiles {
    /// Makes the filter for a project in this folder, with these folders of needles.
    pub(super) fn of(root: &Path, needles: &[PathBuf]) -> Self {
        let results = root.join(RESULTS_FOLDER);
        let folders = std::iter::once(&results).chain(needles);
        Self {
            other_folders: folders
                .filter_map(|folder| folder.canonicalize().ok())
                .collect(),
        }
    }

    /// Returns true if a file below a folder of scenarios can be a scenario. Project files, results of runs, files
    /// among needles and hidden files cannot.
    pub(super) fn may_be_scenario(&self, below: &Path, file: &Path) -> bool {
        let inner = file.strip_prefix(below).unwrap_or(file);
        let is_hidden = inner
            .components()
            .any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."));
        let below = below.canonicalize().unwrap_or_else(|_| below.to_owned());
        let real = below.join(inner);
        // If the folder of scenarios is one of these folders, or inside one, its files count.
        let is_other = |other: &PathBuf| real.starts_with(other) && !below.starts_with(other);
        let is_project = file.file_name().is_some_and(|name| name == PROJECT_FILE);
        !(is_hidden || is_project || self.other_folders.iter().any(is_other))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_belongs_to_programs_and_to_runs_is_no_scenario() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let root = dir.path().join(".projects/p");
        for folder in ["qa-results/1", "needles/part", "sub"] {
            fs::create_dir_all(root.join(folder)).expect("folders");
        }
        symlink(".", root.join("loop")).expect("a link");
        let others = ScenarioFiles::of(&root, &[root.join("needles")]);
        for (below, file, expected) in [
            (".", "boot.yaml", true),
            (".", "sub/boot.yaml", true),
            (".", "qa.yaml", false),
            (".", "sub/qa.yaml", false),
            (".", "qa-results/1/boot.yaml", false),
            ("sub/..", "qa-results/1/boot.yaml", false),
            ("loop", "qa-results/1/boot.yaml", false),
            ("..", "p/qa-results/1/boot.yaml", false),
            (".", "needles/part/notes.yaml", false),
            ("needles", "part/boot.yaml", true),
            (".", ".github/workflows/ci.yml", false),
            (".", ".gitlab-ci.yml", false),
        ] {
            let below = root.join(below);
            let is_scenario = others.may_be_scenario(&below, &below.join(file));
            assert_eq!(is_scenario, expected, "{} {file}", below.display());
        }
    }
}

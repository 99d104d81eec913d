//! Finds the run that `qa needle bump` is about.

use std::path::{Path, PathBuf};

use crate::commands::context::Context;
use crate::failure::Failure;
use crate::results::results_folder;

/// The log of a run.
const LOG: &str = "events.jsonl";

/// A run, or the part of it that belongs to one machine or scenario.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The folder of the run.
    pub(super) run: PathBuf,
    /// The folder of the part below it; empty for the whole run.
    below: PathBuf,
}

impl Part {
    /// Returns the run in this folder, or around it; without a folder, the newest of the results.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn find(
        context: &Context,
        named: Option<&Path>,
        results: Option<&Path>,
    ) -> Result<Self, Failure> {
        let newest = || results_folder(&context.root_or_here(), results).join("latest");
        let folder = named.map_or_else(newest, Path::to_owned);
        Self::of(&folder).ok_or_else(|| {
            Failure::usage(format!("there is no run at `{}`", folder.display()))
                .hint("name the folder of a run, such as qa-results/latest; `qa run` makes a run")
        })
    }

    fn of(folder: &Path) -> Option<Self> {
        let is_run = |folder: &Path| folder.join(LOG).is_file();
        let latest = folder.join("latest");
        let run = [folder, latest.as_path()]
            .into_iter()
            .find(|folder| is_run(folder));
        if let Some(run) = run {
            return Some(Self {
                run: run.to_owned(),
                below: PathBuf::new(),
            });
        }
        let run = folder.ancestors().skip(1).find(|around| is_run(around))?;
        let below = folder.strip_prefix(run).ok()?;
        folder.is_dir().then(|| Self {
            run: run.to_owned(),
            below: below.to_owned(),
        })
    }

    /// Returns true if a frame, named as in the log, belongs to this part.
    pub(super) fn has(&self, frame: &str) -> bool {
        Path::new(frame).starts_with(&self.below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_found_by_its_folder_by_its_results_and_by_a_folder_in_it() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let run = dir.path().join("latest");
        let frames = run.join("login/frames");
        std::fs::create_dir_all(&frames).expect("folders");
        std::fs::write(run.join(LOG), "").expect("a log");
        for (folder, below) in [
            (run.clone(), ""),
            (dir.path().to_owned(), ""),
            (run.join("login"), "login"),
            (frames, "login/frames"),
        ] {
            let part = Part::of(&folder).expect("a run");
            assert_eq!(
                part,
                Part {
                    run: run.clone(),
                    below: below.into()
                }
            );
            assert!(part.has("login/frames/1.png"));
            assert_eq!(part.has("logout/frames/1.png"), below.is_empty());
        }
        assert_eq!(Part::of(&run.join("gone")), None);
        assert_eq!(Part::of(Path::new("/")), None);
    }
}

//! The folder of a run: `qa-results/<run>/`, and the link `latest`.

mod killed_runs;
mod removal;
mod running;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use time::OffsetDateTime;
use time::macros::format_description;

use running::Running;

pub(crate) use killed_runs::clear_killed_runs;
pub(crate) use removal::{bytes_on_disk, latest, remove_run};
pub(crate) use running::goes_on;

/// The folder for the results of runs, if the call names no other.
pub(crate) const RESULTS_FOLDER: &str = "qa-results";

/// Returns the folder of the results of the project in `root`, unless the call names another one.
pub(crate) fn results_folder(root: &Path, named: Option<&Path>) -> PathBuf {
    named.map_or_else(|| root.join(RESULTS_FOLDER), Path::to_owned)
}

/// The folder of one run.
#[derive(Debug, Clone)]
pub(crate) struct RunFolder {
    path: PathBuf,
    name: String,
    /// True if a call that names no run means another one, or none.
    must_be_named: bool,
    /// The mark of a run that goes on. It is removed when this value is dropped.
    _running: Option<Arc<Running>>,
}

/// The folder could not be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot make a folder for the results in `{}`", .folder.display())]
pub(crate) struct RunFolderError {
    folder: PathBuf,
    source: io::Error,
}

impl RunFolder {
    /// Makes a new folder below `results`, named after the time, and points `latest` to it. Runs that begin in the same
    /// second get different folders.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub(crate) fn create(results: &Path, now: OffsetDateTime) -> Result<Self, RunFolderError> {
        let folder = Self::create_aside(results, now)?;
        let pointed = point_latest(results, &folder.name);
        pointed.map_err(|source| RunFolderError {
            folder: results.to_owned(),
            source,
        })?;
        Ok(folder)
    }

    /// Does the same as [`RunFolder::create`], but does not change `latest`: for a run that does not judge the system
    /// under test.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub(crate) fn create_aside(
        results: &Path,
        now: OffsetDateTime,
    ) -> Result<Self, RunFolderError> {
        let failed = |source| RunFolderError {
            folder: results.to_owned(),
            source,
        };
        fs::create_dir_all(results).map_err(failed)?;
        let stamp = now
            .format(format_description!(
                "[year][month][day]-[hour][minute][second]"
            ))
            .unwrap_or_else(|_| now.unix_timestamp().to_string());
        for n in 1..10_000_u32 {
            let name = if n == 1 {
                stamp.clone()
            } else {
                format!("{stamp}-{n}")
            };
            let path = results.join(&name);
            match fs::create_dir(&path) {
                Ok(()) => {
                    return Ok(Self {
                        _running: Running::mark(&path).map(Arc::new),
                        path,
                        name,
                        must_be_named: false,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Err(failed(io::Error::other("too many runs in one second")))
    }

    /// Notes whether a call that names no run means this one: it is the newest in the project's usual folder.
    #[must_use]
    pub(crate) fn usual(self, is_usual: bool) -> Self {
        Self {
            must_be_named: !is_usual,
            ..self
        }
    }

    /// Returns the argument by which a call names this run, with a space before it; empty if none is needed. It is
    /// quoted for a shell.
    pub(crate) fn argument(&self) -> String {
        if !self.must_be_named {
            return String::new();
        }
        let path = self.path.display().to_string();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,+@%".contains(&byte);
        if path.bytes().all(plain) {
            format!(" {path}")
        } else {
            format!(" '{}'", path.replace('\'', r"'\''"))
        }
    }

    /// Returns its path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns its name, which is the name of the run.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the folder of a scenario, and makes it at the first call.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn scenario(&self, name: &str, attempt: u32) -> io::Result<PathBuf> {
        let path = self.path.join(Self::scenario_name(name, attempt));
        fs::create_dir_all(path.join("frames"))?;
        Ok(path)
    }

    /// Returns the files of a scenario's machine that exist, and the evidence of breaches of watches, relative to the
    /// run's folder.
    pub(crate) fn machine_files(&self, scenario: &str, attempt: u32) -> Vec<String> {
        let scenario = Self::scenario_name(scenario, attempt);
        let known = [
            "serial0.log",
            "serial0-newest-before.log",
            "serial0-newest.log",
            vm::FIRMWARE_LOG,
            "qmp.log",
            "qmp-newest-before.log",
            "qmp-newest.log",
            "qemu.args",
        ]
        .map(str::to_owned);
        let folder = fs::read_dir(self.path.join(&scenario));
        let names = folder.into_iter().flatten().flatten().filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            (name.starts_with("watch-") && name.ends_with(".txt")).then_some(name)
        });
        let mut of_watches: Vec<String> = names.collect();
        of_watches.sort();
        known
            .into_iter()
            .chain(of_watches)
            .map(|file| format!("{scenario}/{file}"))
            .filter(|file| self.path.join(file).exists())
            .collect()
    }

    /// Returns the scenario's folder, relative to the run's folder.
    pub(crate) fn scenario_name(name: &str, attempt: u32) -> String {
        if attempt == 1 {
            name.to_owned()
        } else {
            format!("{name}-attempt-{attempt}")
        }
    }
}

/// Points `latest` to the run: renames a new link over the old one, so that `latest` always exists.
fn point_latest(results: &Path, name: &str) -> io::Result<()> {
    let link = results.join("latest");
    let aside = results.join(format!(".latest-{}-{name}", std::process::id()));
    let _ = fs::remove_file(&aside); // Left by a run with our process id that was killed right here.
    std::os::unix::fs::symlink(name, &aside)?;
    match fs::rename(&aside, &link) {
        Ok(()) => Ok(()),
        Err(error) => {
            let _ = fs::remove_file(&aside); // The rename's error is the one that matters.
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn two_runs_in_one_second_get_two_folders_and_latest_is_the_newer() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let now = datetime!(2026-11-24 02:03:04 UTC);
        let first = RunFolder::create(dir.path(), now).expect("the first folder");
        let second = RunFolder::create(dir.path(), now).expect("the second folder");
        assert_eq!(first.name(), "20261124-020304");
        assert_eq!(second.name(), "20261124-020304-2");
        let latest = fs::read_link(dir.path().join("latest")).expect("a link");
        assert_eq!(latest, Path::new("20261124-020304-2"));
    }

    #[test]
    fn a_run_elsewhere_is_named_for_a_shell() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let named = |results: &str, is_usual| {
            let results = dir.path().join(results);
            let folder = RunFolder::create(&results, datetime!(2026-11-24 02:03:04 UTC));
            folder.expect("a folder").usual(is_usual).argument()
        };
        let root = dir.path().display();
        assert_eq!(named("qa-results", true), "");
        assert_eq!(named("a", false), format!(" {root}/a/20261124-020304"));
        let quoted = format!(r" '{root}/it'\''s here/20261124-020304'");
        assert_eq!(named("it's here", false), quoted);
    }

    #[test]
    fn a_results_folder_that_is_a_file_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let file = dir.path().join("results");
        fs::write(&file, "").expect("a file");
        let error = RunFolder::create(&file, datetime!(2026-11-24 02:03:04 UTC))
            .expect_err("a file is no folder");
        assert!(error.to_string().contains("results`"), "{error}");
    }
}

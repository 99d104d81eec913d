//! The programs for boards: labgrid, in a Python environment of its own.
//!
//! Distributions package old versions, whose protocol no coordinator of today speaks.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use super::{Missing, OsRelease, PackageFamily};
use crate::{
    board::{
        command::run_blocking,
        labgrid::{LABGRID_VERSION, Version, installed_version},
    },
    qemu::process::in_path,
};

/// The limit for a question to Python.
const LIMIT: Duration = Duration::from_secs(20);

/// The programs for boards on this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardTools {
    /// The folder of the Python environment, which may not be there.
    pub folder: PathBuf,
    /// The `labgrid-client` to use, with its version: that of `folder`, or else that of PATH. None if there is none
    /// that is new enough.
    pub labgrid: Option<(PathBuf, Version)>,
    /// The version of a labgrid that is too old.
    pub too_old: Option<Version>,
    /// True if this host has Python with what makes environments.
    pub has_venv: bool,
}

impl BoardTools {
    /// Examines this host. `folder` is that of the Python environment. Takes some 100 ms. Blocks.
    pub(super) fn inspect(folder: &Path) -> Self {
        let own = folder.join("bin/labgrid-client");
        let candidates = [Some(own), in_path("labgrid-client")];
        let found = candidates.into_iter().flatten().filter_map(|path| {
            let version = installed_version(&path)?;
            Some((path, version))
        });
        let mut tools = Self::of(folder, found);
        tools.has_venv = tools.labgrid.is_some() || has_venv();
        tools
    }

    fn of(folder: &Path, found: impl Iterator<Item = (PathBuf, Version)>) -> Self {
        let (new, old): (Vec<_>, Vec<_>) =
            found.partition(|(_, version)| *version >= Version::OLDEST);
        Self {
            folder: folder.to_owned(),
            labgrid: new.into_iter().next(),
            too_old: old.into_iter().next().map(|(_, version)| version),
            has_venv: true,
        }
    }

    /// Returns the package that an installation of labgrid needs first. None if nothing is missing.
    pub(super) fn missing(&self, os: &OsRelease) -> Option<Missing> {
        if self.has_venv {
            return None;
        }
        let package = PackageFamily::of(os).map(|family| match family {
            PackageFamily::Apt => "python3-venv",
            PackageFamily::Dnf | PackageFamily::Zypper => "python3",
            PackageFamily::Pacman => "python",
        });
        Some(Missing {
            what: "python3 with venv".to_owned(),
            purpose: "install labgrid for boards".to_owned(),
            packages: package.map(str::to_owned).into_iter().collect(),
            required: true,
        })
    }

    /// Returns the commands that install labgrid, for this user, from the packages of Python that the host is
    /// configured for. The first word of each is the program. None if labgrid is there.
    #[must_use]
    pub fn install_commands(&self) -> Option<Vec<Vec<String>>> {
        if self.labgrid.is_some() {
            return None;
        }
        let folder = self.folder.to_string_lossy().into_owned();
        let python = self
            .folder
            .join("bin/python")
            .to_string_lossy()
            .into_owned();
        let mut make = vec!["python3", "-m", "venv"];
        // It empties the folder. That is right for an environment that does not work, and for nothing else.
        if self.folder.join("pyvenv.cfg").is_file() {
            make.push("--clear");
        }
        make.push(&folder);
        let labgrid = format!("labgrid=={LABGRID_VERSION}");
        let install = [
            &python,
            "-m",
            "pip",
            "install",
            "--no-input",
            "--disable-pip-version-check",
            &labgrid,
        ];
        Some(vec![
            make.into_iter().map(str::to_owned).collect(),
            install.map(str::to_owned).into(),
        ])
    }
}

/// Returns true if Python can make environments that have pip. Debian has both in a package of their own.
fn has_venv() -> bool {
    let mut command = Command::new("python3");
    command.args(["-c", "import ensurepip, venv"]);
    run_blocking(command, LIMIT).is_ok_and(|(status, _)| status.success())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn tools(versions: &[&str]) -> BoardTools {
        let found = versions.iter().map(|text| {
            let version = Version::parse(text).unwrap();
            (PathBuf::from(format!("/{version}")), version)
        });
        BoardTools::of(Path::new("/cache/labgrid"), found)
    }

    #[test]
    fn a_labgrid_of_the_distribution_that_is_too_old_does_not_count() {
        let old = tools(&["0.4.1"]);
        assert_eq!(
            (old.labgrid.as_ref(), old.too_old),
            (None, Version::parse("0.4.1"))
        );
        assert!(old.install_commands().is_some());
        let both = tools(&["26.0.1", "0.4.1"]);
        assert_eq!(both.labgrid.unwrap().0, Path::new("/26.0.1"));
        assert_eq!(tools(&["25.0.1"]).install_commands(), None);
    }

    #[test]
    fn labgrid_gets_an_environment_of_its_own_with_a_pinned_version() {
        let commands = tools(&[]).install_commands().unwrap();
        let shown: Vec<String> = commands.iter().map(|words| words.join(" ")).collect();
        assert_eq!(
            shown,
            [
                "python3 -m venv /cache/labgrid",
                "/cache/labgrid/bin/python -m pip install --no-input --disable-pip-version-check labgrid==26.0.1",
            ]
        );
    }

    #[test]
    fn only_an_environment_is_ever_emptied() {
        let folder = tempfile::tempdir().unwrap();
        let make = || {
            let tools = BoardTools::of(folder.path(), std::iter::empty());
            tools.install_commands().unwrap().swap_remove(0)
        };
        fs::write(folder.path().join("thesis.txt"), "").unwrap();
        assert!(!make().contains(&"--clear".to_owned()));
        fs::write(folder.path().join("pyvenv.cfg"), "").unwrap();
        assert!(make().contains(&"--clear".to_owned()));
    }

    #[test]
    fn python_comes_from_the_distribution() {
        let mut tools = tools(&[]);
        assert_eq!(tools.missing(&OsRelease::parse("ID=debian")), None);
        tools.has_venv = false;
        let missing = tools.missing(&OsRelease::parse("ID=debian")).unwrap();
        assert!(missing.required && missing.packages == ["python3-venv"]);
    }
}

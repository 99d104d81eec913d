//! The program `labgrid-client` on this host.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use super::Version;
use crate::{board::command::run_blocking, qemu::process::in_path};

/// The version of labgrid that `qa doctor --install --boards` installs.
pub const LABGRID_VERSION: &str = "26.0.1";

/// The limit for a program that tells a version.
const LIMIT: Duration = Duration::from_secs(20);

/// Returns the `labgrid-client` to use: that of the Python environment in `folder`, or else that of PATH.
#[must_use]
pub fn default_program(folder: &Path) -> PathBuf {
    let own = folder.join("bin/labgrid-client");
    if own.is_file() {
        own
    } else {
        PathBuf::from("labgrid-client")
    }
}

/// Returns the version of labgrid that a `labgrid-client` belongs to, without asking a coordinator: its first line
/// names the Python that has it. None if it is not there, or is not written in Python. Takes some 100 ms. Blocks.
#[must_use]
pub fn installed_version(program: &Path) -> Option<Version> {
    let program = match program.components().count() {
        1 => in_path(program.to_str()?)?,
        _ => program.to_owned(),
    };
    let mut line = String::new();
    BufReader::new(File::open(program).ok()?)
        .take(1024)
        .read_line(&mut line)
        .ok()?;
    let mut words = line.strip_prefix("#!")?.split_whitespace();
    let python = words.find(|word| *word != "/usr/bin/env")?;
    if !python.contains("python") {
        return None;
    }
    let mut command = Command::new(python);
    command.args([
        "-c",
        "from importlib.metadata import version; print(version('labgrid'))",
    ]);
    let (status, said) = run_blocking(command, LIMIT).ok()?;
    status.success().then(|| Version::parse(&said)).flatten()
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    #[test]
    fn the_environment_of_this_program_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(default_program(folder.path()), Path::new("labgrid-client"));
        let own = folder.path().join("bin/labgrid-client");
        fs::create_dir(folder.path().join("bin")).unwrap();
        fs::write(&own, "").unwrap();
        assert_eq!(default_program(folder.path()), own);
    }

    #[test]
    fn the_version_is_that_of_the_python_in_the_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let (python, client) = (folder.path().join("python3"), folder.path().join("client"));
        // `echo -c CODE` prints its arguments, among them no version.
        symlink("/bin/echo", &python).unwrap();
        for first in [
            format!("#!{}", python.display()),
            "#!/bin/sh".to_owned(),
            "\u{7f}ELF".to_owned(),
        ] {
            fs::write(&client, first).unwrap();
            assert_eq!(installed_version(&client), None);
        }
        assert_eq!(
            installed_version(Path::new("/nowhere/labgrid-client")),
            None
        );
    }
}

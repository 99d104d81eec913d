//! Finds the program QEMU and its version.

use std::{
    fmt, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use super::brief_program::output_blocking;
use crate::{Arch, clean_environment::clean, helper_limit};

/// The longest time that a program may take to print its version. Normally milliseconds.
const LIMIT: Duration = Duration::from_secs(30);

/// A QEMU program on this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QemuProgram {
    /// The path.
    pub path: PathBuf,
    /// The version.
    pub version: QemuVersion,
}

/// A version of QEMU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QemuVersion {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub micro: u32,
}

/// The reason why QEMU cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It is not installed.
    #[error("there is no `{}` in PATH; install the package `{}`", arch.qemu_program(), package(*arch))]
    Missing {
        /// The architecture.
        arch: Arch,
    },
    /// It exists but does not start.
    #[error("cannot start {}", path.display())]
    Start {
        /// The path of the program.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// It starts, but prints no version.
    #[error("{} --version says `{said}`, which names no QEMU version", path.display())]
    NoVersion {
        /// The path of the program.
        path: PathBuf,
        /// The first line it printed.
        said: String,
    },
}

impl fmt::Display for QemuVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.micro)
    }
}

impl QemuProgram {
    /// Finds the QEMU for `arch` in PATH and asks for its version. Takes some 20 ms. Blocks.
    ///
    /// # Errors
    /// See [`ProgramError`].
    pub fn find(arch: Arch) -> Result<Self, ProgramError> {
        let path = in_path(arch.qemu_program()).ok_or(ProgramError::Missing { arch })?;
        Self::at(path)
    }

    /// Asks the QEMU at `path` for its version. Takes some 20 ms. Blocks.
    ///
    /// # Errors
    /// See [`ProgramError`].
    pub fn at(path: PathBuf) -> Result<Self, ProgramError> {
        let said = match first_line(&path, "--version") {
            Ok(said) => said,
            Err(source) => return Err(ProgramError::Start { path, source }),
        };
        match QemuVersion::find(&said) {
            Some(version) => Ok(Self { path, version }),
            None => Err(ProgramError::NoVersion { path, said }),
        }
    }
}

impl QemuVersion {
    /// Returns the version of these numbers.
    #[must_use]
    pub const fn new(major: u32, minor: u32, micro: u32) -> Self {
        Self {
            major,
            minor,
            micro,
        }
    }

    /// Parses the version in `QEMU emulator version 7.2.22 (...)`.
    fn find(said: &str) -> Option<Self> {
        let word = said
            .split_once("version ")?
            .1
            .split([' ', '(', '-', ','])
            .next()?;
        let mut numbers = word.split('.').map(str::parse);
        let mut next = || numbers.next()?.ok();
        Some(Self {
            major: next()?,
            minor: next()?,
            micro: next().unwrap_or(0),
        })
    }
}

/// Returns the Debian package with QEMU for an architecture.
pub(crate) fn package(arch: Arch) -> &'static str {
    match arch {
        Arch::X86_64 => "qemu-system-x86",
        Arch::Aarch64 => "qemu-system-arm",
        Arch::Riscv64 | Arch::Loongarch64 => "qemu-system-misc",
    }
}

/// Returns the first executable file of this name in PATH.
pub(crate) fn in_path(program: &str) -> Option<PathBuf> {
    let executable = |path: &PathBuf| {
        path.metadata()
            .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    };
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(executable)
}

/// Returns the first line that a program prints when called with `argument`, on stdout or stderr.
pub(crate) fn first_line(program: &Path, argument: &str) -> io::Result<String> {
    let mut command = Command::new(program);
    clean(&mut command).arg(argument);
    let output = output_blocking(command, helper_limit(LIMIT))?;
    let text = if output.stdout.is_empty() {
        output.stderr
    } else {
        output.stdout
    };
    let text = String::from_utf8_lossy(&text);
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_what_distributions_print() {
        let rows = [
            (
                "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)",
                Some((7, 2, 22)),
            ),
            (
                "QEMU emulator version 10.0.2 (qemu-10.0.2-1.fc43)",
                Some((10, 0, 2)),
            ),
            ("QEMU emulator version 9.2.0-rc1", Some((9, 2, 0))),
            ("QEMU emulator version 8.1", Some((8, 1, 0))),
            ("qemu: cannot open display", None),
            ("", None),
        ];
        for (said, expected) in rows {
            let found = QemuVersion::find(said)
                .map(|version| (version.major, version.minor, version.micro));
            assert_eq!(found, expected, "{said}");
        }
    }

    #[test]
    fn a_program_that_is_no_qemu_is_told_by_what_it_says() {
        let error = QemuProgram::at("/bin/echo".into()).unwrap_err().to_string();
        assert!(error.starts_with("/bin/echo --version says `"), "{error}");
        let error = QemuProgram::at("/nowhere/qemu".into())
            .unwrap_err()
            .to_string();
        assert_eq!(error, "cannot start /nowhere/qemu");
    }
}

use std::{fmt, io, path::PathBuf};

use crate::Arch;

/// A QEMU program on this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QemuProgram {
    /// Where it is.
    pub path: PathBuf,
    /// Its version.
    pub version: QemuVersion,
}

/// A version of QEMU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QemuVersion {
    /// First number.
    pub major: u32,
    /// Second number.
    pub minor: u32,
    /// Third number.
    pub micro: u32,
}

/// Why QEMU cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It is not installed.
    #[error("there is no `{program}` in PATH; install the package `{package}`, or run `qa doctor --install`")]
    Missing {
        /// The program.
        program: &'static str,
        /// Debian package that has it.
        package: &'static str,
    },
    /// It is there but does not start.
    #[error("cannot start {}", path.display())]
    Start {
        /// The program.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It starts, but says no version.
    #[error("{} --version says `{said}`, which names no QEMU version", path.display())]
    NoVersion {
        /// The program.
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
    /// Finds the QEMU for `arch` in PATH and asks its version. Costs some 20 ms; blocks.
    ///
    /// # Errors
    /// See [`ProgramError`].
    pub fn find(arch: Arch) -> Result<Self, ProgramError> {
        let _ = arch;
        todo!()
    }
}

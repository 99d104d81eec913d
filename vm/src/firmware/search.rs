use std::path::PathBuf;

use crate::Arch;

/// Where firmware descriptors are looked for, the folder of highest precedence first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirmwareFolders(pub Vec<PathBuf>);

/// The firmware files for a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirmwareFiles {
    /// The descriptor that named them.
    pub descriptor: PathBuf,
    /// The code, given to the machine read-only.
    pub code: PathBuf,
    /// Content of a fresh variable store; copied for every run. None where the firmware keeps no variables.
    pub variables: Option<PathBuf>,
}

/// Why there is no firmware for a machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FirmwareError {
    /// No descriptor fits.
    #[error("no UEFI firmware without Secure Boot for {arch} machines of type `{machine_type}`; looked in {}; install the package `{package}`",
        crate::firmware::search::listed(.folders))]
    NotFound {
        /// The machine's architecture.
        arch: Arch,
        /// The machine's type.
        machine_type: String,
        /// Folders that were searched.
        folders: Vec<PathBuf>,
        /// Debian package that has one.
        package: &'static str,
    },
    /// A descriptor fits, but a file it names is not there.
    #[error("the firmware descriptor {} names {}, which is not there; reinstall the package `{package}`", descriptor.display(), file.display())]
    FileMissing {
        /// The descriptor.
        descriptor: PathBuf,
        /// The file.
        file: PathBuf,
        /// Debian package that has it.
        package: &'static str,
    },
}

fn listed(folders: &[PathBuf]) -> String {
    let names: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
    names.join(", ")
}

impl FirmwareFolders {
    /// The folders of this host: the user's, the administrator's, the packages'.
    #[must_use]
    pub fn of_host() -> Self {
        todo!()
    }

    /// Finds UEFI firmware without Secure Boot for `machine_type` of `arch`. Of several that fit, the first by file name wins, as
    /// the specification says.
    ///
    /// # Errors
    /// See [`FirmwareError`].
    pub fn find(&self, arch: Arch, machine_type: &str) -> Result<FirmwareFiles, FirmwareError> {
        let _ = (arch, machine_type);
        todo!()
    }
}

//! The purposes that a host is wanted for.

use std::path::PathBuf;

use crate::Arch;

/// The machines and images that a host is wanted for, besides those of x86_64.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The architectures.
    pub archs: Vec<Arch>,
    /// True for machines with a TPM.
    pub tpm: bool,
    /// For boards: the folder of the Python environment with labgrid. None without boards.
    pub boards: Option<PathBuf>,
}

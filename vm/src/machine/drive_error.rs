//! The reasons why a drive or the boot order of a machine is not as it was asked for.

use super::ControlError;
use crate::LaunchError;

/// The reason why a machine's drive or boot order is not as it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// There is no drive for CDs.
    #[error("the machine has no drive for CDs")]
    NoDrive,
    /// There is no such disk.
    #[error("the machine has {count} disks, and none with the number {place}, counted from 0")]
    NoDisk {
        /// The place asked for.
        place: usize,
        /// How many disks there are.
        count: usize,
    },
    /// The file is no medium.
    #[error(transparent)]
    Medium(LaunchError),
    /// The machine did not do it.
    #[error("cannot {action}")]
    Control {
        /// The operation, such as `open the drive`.
        action: &'static str,
        /// The reason.
        source: ControlError,
    },
}

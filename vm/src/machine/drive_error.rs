//! The errors of changing a drive or the boot order.

use super::{ControlError, Lack};
use crate::LaunchError;

/// The reason why a machine's drive or boot order was not changed.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// The machine has no such drive, or cannot change it.
    #[error(transparent)]
    Lacking(#[from] Lack),
    /// There is no disk at this place.
    #[error("the machine has {count} disks, and none with the number {place}, counted from 0")]
    NoDisk {
        /// The place.
        place: usize,
        /// The number of disks.
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

//! The files of a saved machine.

use std::path::{Path, PathBuf};

use super::LaunchError;
use crate::image::overlay_header;

/// A saved machine: a folder with its whole state. Nothing ever writes to it again. Any number of machines start from
/// it.
///
/// | file | what |
/// |---|---|
/// | `ram` | main memory, sparse |
/// | `devices` | everything else of the machine: QEMU's migration stream without the main memory |
/// | `disk<N>.qcow2` | for each disk that is written to: the overlay, on top of the image or of the checkpoint before |
/// | `variables` | the firmware's variables, where they are in a flash chip |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedMachine {
    folder: PathBuf,
}

impl SavedMachine {
    /// Returns the saved machine in `folder`, which is absolute.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Returns the file of the main memory.
    pub(super) fn ram(&self) -> PathBuf {
        self.folder.join("ram")
    }

    /// Returns the file of the state of the devices.
    pub(super) fn devices(&self) -> PathBuf {
        self.folder.join("devices")
    }

    /// Returns the overlay of a disk.
    pub(super) fn disk(&self, index: usize) -> PathBuf {
        self.folder.join(format!("disk{index}.qcow2"))
    }

    /// Returns the file of the firmware's variables.
    pub(super) fn variables(&self) -> PathBuf {
        self.folder.join("variables")
    }

    /// Returns the overlays of a disk: this machine's, that of its parent checkpoint, and so on down to the disk's
    /// image, if it has one. Their headers name each other.
    ///
    /// # Errors
    /// When an overlay is missing, or belongs to another store.
    pub(super) fn overlays(
        &self,
        index: usize,
        image: Option<&Path>,
    ) -> Result<Vec<PathBuf>, LaunchError> {
        let store = self.folder.parent();
        let mut overlay = self.disk(index);
        let mut found = Vec::new();
        loop {
            let (below, _) = overlay_header(&overlay)?;
            let name = overlay.file_name().map(ToOwned::to_owned);
            found.push(overlay);
            let Some(below) = below.filter(|below| Some(below.as_path()) != image) else {
                return Ok(found);
            };
            if below.file_name().map(ToOwned::to_owned) != name {
                // The image, by the path that it had then.
                return Ok(found);
            }
            if below.parent().and_then(Path::parent) != store || found.contains(&below) {
                return Err(LaunchError::Saved {
                    reason: format!(
                        "its disk stands on {}, which is no checkpoint beside it",
                        below.display()
                    ),
                });
            }
            overlay = below;
        }
    }
}

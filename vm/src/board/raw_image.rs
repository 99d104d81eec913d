//! The image as boards take it: the bytes of the disk as they are.

use std::path::{Path, PathBuf};

use super::{BoardFault, FaultKind};
use crate::{
    image::{FileFormat, ImageFile},
    qemu::process::convert_to_raw,
};

/// The name of a copy in a run's folder.
pub(crate) const RAW_IMAGE: &str = "board-image.raw";

/// An image without a format. One that was made for it is removed when this is dropped.
#[derive(Debug)]
pub(super) struct RawImage {
    path: PathBuf,
    is_made: bool,
}

impl RawImage {
    /// Returns the image itself if it has no format, and else a copy of its disk in `folder`.
    ///
    /// # Errors
    /// The image cannot be read, or the copy cannot be made.
    pub(super) async fn of(image: &ImageFile, folder: &Path) -> Result<Self, BoardFault> {
        let unusable = |reason: String| {
            let words = format!("the image cannot be read: {reason}");
            BoardFault::new(FaultKind::Refused, words)
        };
        let opened = image.open().map_err(|error| unusable(error.to_string()))?;
        let format = opened.format();
        if format == FileFormat::Raw {
            return Ok(Self {
                path: image.path.clone(),
                is_made: false,
            });
        }
        let raw = Self {
            path: folder.join(RAW_IMAGE),
            is_made: true,
        };
        let converted = convert_to_raw(&image.path, format, &raw.path).await;
        converted.map_err(|reason| {
            let words = format!("the image cannot be unpacked for the board: {reason}");
            BoardFault::new(FaultKind::Refused, words)
                .advice("make room where the results go, or give another folder with --results")
        })?;
        Ok(raw)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for RawImage {
    fn drop(&mut self) {
        if self.is_made {
            // A file that is left only takes room.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

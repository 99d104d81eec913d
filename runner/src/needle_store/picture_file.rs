//! Reads picture files, PNG or PPM.

use std::fs;
use std::path::Path;

use needles::{Picture, Transparency};

/// Larger PNG files are refused without reading them. A lossless 8192x8192 picture of a desktop is smaller.
const LARGEST_PNG: u64 = 64 << 20;

/// Reads a picture file, PNG or PPM by its content.
///
/// # Errors
/// When it cannot be read: a sentence with the file and the reason.
pub(crate) fn read_picture(path: &Path) -> Result<Picture, String> {
    read_picture_and_transparency(path).map(|(picture, _)| picture)
}

/// Reads a picture file, and returns its transparency, too, if some pixels are not opaque.
///
/// # Errors
/// As [`read_picture`].
pub(super) fn read_picture_and_transparency(
    path: &Path,
) -> Result<(Picture, Option<Transparency>), String> {
    let wrong = |why: String| format!("picture `{}`: {why}", path.display());
    let size = fs::metadata(path)
        .map_err(|error| wrong(error.to_string()))?
        .len();
    if size > LARGEST_PNG {
        return Err(wrong(format!(
            "{size} bytes are more than a screenshot has"
        )));
    }
    let bytes = fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let picture = if bytes.starts_with(b"P6") {
        Picture::from_ppm(&bytes).map(|picture| (picture, None))
    } else {
        Picture::from_png_with_transparency(&bytes)
    };
    picture.map_err(|error| wrong(crate::failure::chain(&error)))
}

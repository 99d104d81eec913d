use std::fs;
use std::path::Path;

use needles::{Picture, Transparency};

/// PNG files larger than this are refused unread: a lossless 8192x8192 screen of a desktop stays below it.
const LARGEST_PNG: u64 = 64 << 20;

/// Reads a picture file, PNG or PPM by its content.
///
/// # Errors
/// A sentence that names the file and what is wrong with it.
pub(crate) fn read_picture(path: &Path) -> Result<Picture, String> {
    read_picture_and_transparency(path).map(|(picture, _)| picture)
}

/// The same, with which of its pixels are not wholly opaque, where there are some.
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

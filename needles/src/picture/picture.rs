//! Pictures in memory.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use crate::rect::Rect;

/// A picture of red, green and blue bytes, row by row without gaps. Clones share the pixels.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) rgb: Arc<[u8]>,
}

/// A reason why a picture cannot be read or made.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PictureError {
    /// The picture is too wide, too high or empty.
    #[error(
        "a picture of {width}x{height}; 1x1 to {max}x{max} can be used, with at most {pixels} pixels",
        max = Picture::MAX_SIDE, pixels = Picture::MAX_PIXELS
    )]
    Size {
        /// The announced width.
        width: u64,
        /// The announced height.
        height: u64,
    },
    /// The number of bytes does not fit the size.
    #[error("{found} bytes of pixels where {width}x{height} need {expected}")]
    Length {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The number of bytes that the size needs.
        expected: usize,
        /// The number of bytes that were given.
        found: usize,
    },
    /// The PNG is truncated or damaged, or is no PNG.
    #[error("not a usable PNG: {reason}")]
    Png {
        /// The decoder's message.
        reason: String,
    },
    /// The file is a git-lfs pointer to the PNG.
    #[error("a git-lfs pointer instead of the PNG: fetch it with `git lfs pull`")]
    LfsPointer,
    /// The file is no binary PPM.
    #[error("not a usable PPM: {reason}")]
    Ppm {
        /// The reason.
        reason: String,
    },
    /// The rectangle does not lie on the picture.
    #[error("{w}x{h} at {x},{y} is not inside the picture of {width}x{height}",
        x = .rect.x, y = .rect.y, w = .rect.width, h = .rect.height)]
    Outside {
        /// The rectangle.
        rect: Rect,
        /// Width of the picture.
        width: u32,
        /// Height of the picture.
        height: u32,
    },
}

impl Picture {
    /// The greatest width and height.
    pub const MAX_SIDE: u32 = 8192;

    /// The most pixels: an 8K screen has 33,177,600.
    pub const MAX_PIXELS: u64 = 32 << 20;

    /// Makes a picture from its pixels, `width * height * 3` bytes.
    ///
    /// # Errors
    /// The size is out of range or does not fit the bytes.
    pub fn from_rgb(width: u32, height: u32, rgb: Vec<u8>) -> Result<Self, PictureError> {
        Self::from_shared(width, height, rgb.into())
    }

    /// Makes a picture that shares its pixels, `width * height * 3` bytes. Copies nothing.
    ///
    /// # Errors
    /// As [`Picture::from_rgb`].
    pub fn from_shared(width: u32, height: u32, rgb: Arc<[u8]>) -> Result<Self, PictureError> {
        check_size(u64::from(width), u64::from(height))?;
        let expected = width as usize * height as usize * 3;
        if rgb.len() != expected {
            return Err(PictureError::Length {
                width,
                height,
                expected,
                found: rgb.len(),
            });
        }
        Ok(Self { width, height, rgb })
    }

    /// Returns the width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Returns the height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Returns all pixels.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// Returns the bytes of one row.
    pub(crate) fn row(&self, y: usize) -> &[u8] {
        let stride = self.width as usize * 3;
        &self.rgb[y * stride..(y + 1) * stride]
    }

    /// Returns a copy of a part.
    ///
    /// # Errors
    /// The part is empty or does not lie entirely inside.
    pub fn crop(&self, rect: Rect) -> Result<Self, PictureError> {
        if rect.is_empty() || !rect.is_inside(self.width, self.height) {
            return Err(PictureError::Outside {
                rect,
                width: self.width,
                height: self.height,
            });
        }
        let (x, y) = (rect.x as usize, rect.y as usize);
        let (width, height) = (rect.width as usize, rect.height as usize);
        let mut rgb = Vec::with_capacity(width * height * 3);
        for y in y..y + height {
            rgb.extend_from_slice(&self.row(y)[x * 3..(x + width) * 3]);
        }
        Self::from_rgb(rect.width, rect.height, rgb)
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({}x{})", self.width, self.height)
    }
}

/// Refuses a size that no picture may have.
pub(super) fn check_size(width: u64, height: u64) -> Result<(), PictureError> {
    let sides = 1..=u64::from(Picture::MAX_SIDE);
    let fits = sides.contains(&width) && sides.contains(&height);
    if fits && width * height <= Picture::MAX_PIXELS {
        Ok(())
    } else {
        Err(PictureError::Size { width, height })
    }
}

//! A picture that a script shows.

use std::{fmt, sync::Arc};

use crate::screen::Picture;

/// A picture that a script shows. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct ScriptedPicture {
    width: u32,
    rgb: Arc<[u8]>,
}

impl ScriptedPicture {
    /// Returns a picture of these pixels: rows from the top; red, green, blue. None if they make no rows of `width`
    /// pixels, or no row at all.
    #[must_use]
    pub fn new(width: u32, rgb: impl Into<Arc<[u8]>>) -> Option<Self> {
        let rgb = rgb.into();
        let row = usize::try_from(width).ok()?.checked_mul(3)?;
        let is_whole = row > 0 && !rgb.is_empty() && rgb.len().is_multiple_of(row);
        is_whole.then_some(Self { width, rgb })
    }

    /// Returns a picture of one colour.
    #[must_use]
    pub fn plain(width: u32, height: u32, colour: [u8; 3]) -> Option<Self> {
        let pixels = usize::try_from(width).ok()? * usize::try_from(height).ok()?;
        Self::new(width, colour.repeat(pixels))
    }

    pub(super) fn rgb(&self) -> &Arc<[u8]> {
        &self.rgb
    }

    pub(super) fn view(&self) -> Picture<'_> {
        // A whole number of rows, which is checked when it is made.
        let height = self.rgb.len() / 3 / self.width as usize;
        Picture {
            width: self.width,
            height: u32::try_from(height).unwrap_or(u32::MAX),
            rgb: &self.rgb,
        }
    }
}

impl fmt::Debug for ScriptedPicture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Picture { width, height, .. } = self.view();
        write!(f, "ScriptedPicture({width} x {height})")
    }
}

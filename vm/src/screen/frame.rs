//! A picture of the screen.

use std::{fmt, sync::Arc};

use tokio::time::Instant;

/// One picture of the screen. Cheap to clone.
#[derive(Clone)]
pub struct Frame {
    /// The number of the picture, from 1. Equal numbers mean equal pictures.
    pub generation: u64,
    /// The time at which the capture began. The frame shows nothing older.
    pub captured: Instant,
    /// The width in pixels, at least 1.
    pub width: u32,
    /// The height in pixels, at least 1.
    pub height: u32,
    /// `width * height * 3` bytes: rows from the top, pixels from the left; red, green, blue.
    pub rgb: Arc<[u8]>,
    /// The smallest rectangle with all pixels that differ from the frame before. None if there was no such frame, or it
    /// had another size.
    pub changed: Option<Rect>,
}

/// A rectangle of pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rect {
    /// The left edge, from the left of the screen.
    pub x: u32,
    /// The top edge, from the top of the screen.
    pub y: u32,
    /// The width, at least 1.
    pub width: u32,
    /// The height, at least 1.
    pub height: u32,
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("generation", &self.generation)
            .field("captured", &self.captured)
            .field("width", &self.width)
            .field("height", &self.height)
            .field("changed", &self.changed)
            .finish_non_exhaustive()
    }
}

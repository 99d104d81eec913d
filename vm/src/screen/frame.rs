//! A picture of the screen.

use std::{fmt, sync::Arc};

use tokio::time::Instant;

/// One picture of the screen. Cheap to clone.
#[derive(Clone)]
pub struct Frame {
    /// Counts the different pictures of this machine from 1; equal numbers mean equal pictures.
    pub generation: u64,
    /// When the capture began: nothing on it is older than what the screen showed then.
    pub captured: Instant,
    /// Width in pixels, at least 1.
    pub width: u32,
    /// Height in pixels, at least 1.
    pub height: u32,
    /// `width * height * 3` bytes: rows from the top, pixels from the left, red, green, blue.
    pub rgb: Arc<[u8]>,
    /// The smallest rectangle that holds every pixel that differs from the frame before; none when there was none
    /// or it was of another size.
    pub changed: Option<Rect>,
}

/// A rectangle of pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rect {
    /// Left edge, from the left of the screen.
    pub x: u32,
    /// Top edge, from the top of the screen.
    pub y: u32,
    /// Width, at least 1.
    pub width: u32,
    /// Height, at least 1.
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

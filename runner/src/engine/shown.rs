//! A frame of the screen, as searches and steps share it.

use std::sync::Arc;
use tokio::time::Instant;

use needles::PreparedFrame;

/// A frame that searches share.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    /// Its number on this machine.
    pub generation: u64,
    /// When it was captured: the first time that the screen showed this.
    pub captured: Instant,
    /// The frame, with what searches compute of it.
    pub frame: Arc<PreparedFrame>,
}

impl Shown {
    /// Width and height in pixels.
    pub(super) fn size(&self) -> (u32, u32) {
        let picture = self.frame.picture();
        (picture.width(), picture.height())
    }
}

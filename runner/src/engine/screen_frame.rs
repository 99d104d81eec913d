//! A frame of the screen that searches and steps share.

use std::sync::Arc;
use tokio::time::Instant;

use needles::PreparedFrame;

/// A frame of the screen that searches and steps share.
#[derive(Debug, Clone)]
pub(super) struct ScreenFrame {
    /// The number of the frame on this machine.
    pub generation: u64,
    /// The time at which it was captured: the first time that the screen showed it.
    pub captured: Instant,
    /// The picture, with the intermediate results of searches.
    pub frame: Arc<PreparedFrame>,
}

impl ScreenFrame {
    /// Returns width and height in pixels.
    pub(super) fn size(&self) -> (u32, u32) {
        let picture = self.frame.picture();
        (picture.width(), picture.height())
    }
}

use std::sync::Arc;

use crate::{Needle, Picture};

/// A needle with its picture's match areas, ready to be compared with any number of frames.
#[derive(Debug)]
pub struct PreparedNeedle {
    needle: Arc<Needle>,
}

impl PreparedNeedle {
    /// Paints the exclude areas and computes gray and blur of the match areas. The picture itself isn't kept.
    pub fn new(needle: Arc<Needle>, picture: &Picture) -> Self {
        let _ = picture;
        Self { needle }
    }

    /// The needle.
    pub fn needle(&self) -> &Arc<Needle> {
        &self.needle
    }

    /// About how many bytes it holds.
    pub fn memory(&self) -> usize {
        todo!()
    }
}

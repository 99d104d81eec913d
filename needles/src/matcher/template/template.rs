//! One match area, ready to be compared.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::levels::Levels;
use super::pixels::Pixels;
use super::template_blocks::TemplateBlocks;
use crate::matcher::frame::{Channel, Plane};
use crate::matcher::kernel::StripStart;
use crate::needle::{Area, Channels};
use crate::picture::Picture;
use crate::rect::Rect;

/// The pixels of one match area, and the data that is compared, computed on first use.
#[derive(Debug)]
pub(crate) struct Template {
    /// A number that no other template has.
    pub(crate) id: u64,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) channels: Channels,
    /// The pixels with the neighbours that the blur reaches. If a frame has the same pixels, the sum is 0.
    pub(crate) pixels: Pixels,
    /// The exclude areas on `pixels`.
    painted: Vec<Rect>,
    levels: OnceLock<Levels>,
    blocks: OnceLock<TemplateBlocks>,
}

impl Template {
    /// Cuts an area out of its picture. The area must lie on it. `painted` is covered before anything is compared.
    pub(crate) fn cut(picture: &Picture, area: &Area, painted: &[Rect]) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let pixels = Pixels::cut(picture, area.rect);
        let inside = |rect: &Rect| rect.intersection(&pixels.rect);
        let moved = |rect: Rect| pixels.placed(rect);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            width: area.rect.width as usize,
            height: area.rect.height as usize,
            channels: area.channels,
            painted: painted.iter().filter_map(inside).map(moved).collect(),
            levels: OnceLock::new(),
            blocks: OnceLock::new(),
            pixels,
        }
    }

    /// Returns the number of samples that are compared at each place.
    pub(crate) fn samples(&self) -> u64 {
        (self.width * self.height * self.channels.count()) as u64
    }

    /// Returns the blurred levels.
    pub(crate) fn levels(&self, area: Rect) -> &Levels {
        self.levels.get_or_init(|| {
            // If the area touches the picture's border, so does the part. Both are mirrored in the same way there.
            let rect = self.pixels.placed(area);
            let plane = |&channel| Plane::of(self.pixels.picture(), rect, channel, &self.painted);
            let planes: Vec<Plane> = Channel::of(self.channels).iter().map(plane).collect();
            Levels::of(planes, self.width, self.height)
        })
    }

    /// Returns the blocks that rule out places.
    pub(crate) fn blocks(&self) -> &TemplateBlocks {
        self.blocks
            .get_or_init(|| TemplateBlocks::new(self.channels.count(), self.width, self.height))
    }

    /// Returns the number of bytes that the template uses once everything is computed.
    pub(crate) fn memory(&self) -> usize {
        let blocks = TemplateBlocks::memory(self.channels.count(), self.width, self.height);
        let rows = self.height * self.channels.count();
        self.samples() as usize
            + self.pixels.picture().rgb().len()
            + rows * size_of::<StripStart>()
            + blocks
            + size_of::<Self>()
    }
}

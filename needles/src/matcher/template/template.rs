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

/// The pixels of one match area, and what is compared of them, made when first needed.
#[derive(Debug)]
pub(crate) struct Template {
    /// Tells templates apart.
    pub(crate) id: u64,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) channels: Channels,
    /// The pixels themselves, with the neighbours that blur reaches: if a frame has the same, all sums are 0.
    pub(crate) pixels: Pixels,
    /// Exclude areas on `pixels`.
    painted: Vec<Rect>,
    levels: OnceLock<Levels>,
    blocks: OnceLock<TemplateBlocks>,
}

impl Template {
    /// Cuts an area out of its picture, on which it must lie. `painted` is covered before anything is compared.
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

    /// How many numbers are compared at each place.
    pub(crate) fn samples(&self) -> u64 {
        (self.width * self.height * self.channels.count()) as u64
    }

    /// The blurred levels.
    pub(crate) fn levels(&self, area: Rect) -> &Levels {
        self.levels.get_or_init(|| {
            // Where the area touches the picture's border, so does the part: both are mirrored alike there.
            let rect = self.pixels.placed(area);
            let plane = |&channel| Plane::of(self.pixels.picture(), rect, channel, &self.painted);
            let planes: Vec<Plane> = Channel::of(self.channels).iter().map(plane).collect();
            Levels::of(planes, self.width, self.height)
        })
    }

    /// What rules places out.
    pub(crate) fn blocks(&self) -> &TemplateBlocks {
        self.blocks
            .get_or_init(|| TemplateBlocks::new(self.channels.count(), self.width, self.height))
    }

    /// The bytes it holds once all has been made.
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

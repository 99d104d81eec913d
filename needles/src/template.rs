use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::kernel::{Strip, Strips};
use crate::smooth::{Channel, Plane};
use crate::template_blocks::TemplateBlocks;
use crate::{Area, Channels, Picture, Rect};

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

/// A part of the needle's picture.
#[derive(Debug)]
pub(crate) struct Pixels {
    /// Where it was.
    pub(crate) rect: Rect,
    /// What of it is kept: the part, or the whole picture.
    picture: Picture,
    /// Where the part is in `picture`.
    inside: Rect,
}

/// The blurred levels of a template.
#[derive(Debug)]
pub(crate) struct Levels {
    /// Row after row: `y * channels + channel`.
    pub(crate) levels: Vec<u8>,
    width: usize,
    /// All rows from top to bottom.
    rows: Vec<Strip>,
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
            let plane = |&channel| Plane::of(&self.pixels.picture, rect, channel, &self.painted);
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
            + self.pixels.picture.rgb().len()
            + rows * size_of::<Strip>()
            + blocks
            + size_of::<Self>()
    }
}

/// From which share of a picture on the whole is kept, which costs no copy: one in so many pixels.
const WORTH_THE_WHOLE: u64 = 4;

impl Pixels {
    fn cut(picture: &Picture, area: Rect) -> Self {
        let whole = Rect::new(0, 0, picture.width(), picture.height());
        let reached = Rect::new(area.x - 1, area.y - 1, area.width + 2, area.height + 2);
        // An area has pixels, so the two always share some.
        let rect = reached.intersection(&whole).unwrap_or(area);
        let part = if rect.pixels() * WORTH_THE_WHOLE < whole.pixels() {
            picture.crop(rect).ok()
        } else {
            None
        };
        match part {
            Some(picture) => Self {
                rect,
                inside: Rect::new(0, 0, rect.width, rect.height),
                picture,
            },
            None => Self {
                rect,
                inside: rect,
                picture: picture.clone(),
            },
        }
    }

    /// A rectangle of the needle's picture in the picture that is kept.
    fn placed(&self, rect: Rect) -> Rect {
        Rect {
            x: rect.x - self.rect.x + self.inside.x,
            y: rect.y - self.rect.y + self.inside.y,
            ..rect
        }
    }

    /// The bytes of each row of the part.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        let columns = self.inside.x as usize * 3..self.inside.right() as usize * 3;
        let rows = self.inside.y as usize..self.inside.bottom() as usize;
        rows.map(move |y| &self.picture.row(y)[columns.clone()])
    }
}

impl Levels {
    fn of(planes: Vec<Plane>, width: usize, height: usize) -> Self {
        let channels = planes.len();
        let mut planes: Vec<Vec<u8>> = planes.into_iter().map(Plane::into_levels).collect();
        let levels = if channels == 1 {
            planes.swap_remove(0)
        } else {
            let rows = (0..height).flat_map(|y| {
                let row = y * width..(y + 1) * width;
                planes.iter().map(move |levels| &levels[row.clone()])
            });
            rows.flatten().copied().collect()
        };
        let rows = (0..(height * channels) as u32).map(|row| Strip { row, x: 0 });
        Self {
            levels,
            width,
            rows: rows.collect(),
        }
    }

    /// All levels.
    pub(crate) fn whole(&self) -> Strips<'_> {
        Strips {
            levels: &self.levels,
            stride: self.width,
            width: self.width,
            order: &self.rows,
        }
    }
}

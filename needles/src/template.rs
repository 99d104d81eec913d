use crate::block_size::BlockSize;
use crate::kernel::Block;
use crate::smooth::{Channel, Plane};
use crate::{Area, Channels, Picture, Rect};

/// A coarse look needs so many blocks at least. The largest blocks that are so many cost least.
const COARSE_BLOCKS: usize = 12;

/// A fine look takes at most so many. The smallest blocks that aren't more tell most.
const FINE_BLOCKS: usize = 640;

/// The pixels of one match area, as they are compared.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) channels: Channels,
    /// The pixels themselves, with the neighbours that blur reaches: if a frame has the same, all sums are 0.
    pub(crate) pixels: Pixels,
    /// The blurred levels, row after row in the order of `rows`.
    pub(crate) levels: Vec<u8>,
    /// Which row each is: rows of the second channel follow those of the first. The most telling come first.
    pub(crate) rows: Vec<u32>,
    /// What rules places out, coarse before fine; nothing if the area is too small for any block.
    pub(crate) blocks: Vec<Blocks>,
}

/// A part of the needle's picture, exclude areas painted.
#[derive(Debug)]
pub(crate) struct Pixels {
    pub(crate) rect: Rect,
    pub(crate) rgb: Box<[u8]>,
}

/// Squares that lie side by side in an area, and their means.
#[derive(Debug)]
pub(crate) struct Blocks {
    pub(crate) size: BlockSize,
    /// Their `row` counts rows of the area, those of the second channel after those of the first. The most telling come first.
    pub(crate) blocks: Vec<Block>,
}

impl Template {
    /// Cuts an area out of its picture, on which it must lie. `painted` is covered first.
    pub(crate) fn cut(picture: &Picture, area: &Area, painted: &[Rect]) -> Self {
        let (width, height) = (area.rect.width as usize, area.rect.height as usize);
        let channels = Channel::of(area.channels).iter();
        let planes: Vec<Plane> = channels
            .map(|&channel| Plane::of(picture, area.rect, channel, painted))
            .collect();
        let row = |index: u32| {
            let (plane, y) = (index as usize / height, index as usize % height);
            &planes[plane].levels()[y * width..(y + 1) * width]
        };
        let mut rows: Vec<u32> = (0..(height * planes.len()) as u32).collect();
        rows.sort_by_cached_key(|&index| std::cmp::Reverse(texture(row(index))));
        let mut levels = Vec::with_capacity(rows.len() * width);
        rows.iter()
            .for_each(|&index| levels.extend_from_slice(row(index)));
        Self {
            width,
            height,
            channels: area.channels,
            pixels: Pixels::cut(picture, area.rect),
            levels,
            blocks: Blocks::coarse_and_fine(&planes, width, height),
            rows,
        }
    }

    /// How many numbers are compared at each place.
    pub(crate) fn samples(&self) -> u64 {
        self.levels.len() as u64
    }

    /// The bytes it holds.
    pub(crate) fn memory(&self) -> usize {
        let blocks = self
            .blocks
            .iter()
            .map(|blocks| blocks.blocks.len() * size_of::<Block>())
            .sum::<usize>();
        self.levels.len() + self.pixels.rgb.len() + self.rows.len() * 4 + blocks + size_of::<Self>()
    }
}

/// How much a row's levels differ among themselves. At most 8192 of them, so the sums fit.
fn texture(levels: &[u8]) -> u64 {
    let sum: u32 = levels.iter().map(|level| u32::from(*level)).sum();
    let squares: u32 = levels.iter().map(|level| u32::from(*level).pow(2)).sum();
    levels.len() as u64 * u64::from(squares) - u64::from(sum).pow(2)
}

impl Pixels {
    fn cut(picture: &Picture, area: Rect) -> Self {
        let whole = Rect::new(0, 0, picture.width(), picture.height());
        let reached = Rect::new(area.x - 1, area.y - 1, area.width + 2, area.height + 2);
        // An area has pixels, so the two always share some.
        let rect = reached.intersection(&whole).unwrap_or(area);
        let columns = rect.x as usize * 3..rect.right() as usize * 3;
        let mut rgb = Vec::with_capacity(columns.len() * rect.height as usize);
        for y in rect.y as usize..rect.bottom() as usize {
            rgb.extend_from_slice(&picture.row(y)[columns.clone()]);
        }
        let rgb = rgb.into();
        Self { rect, rgb }
    }
}

impl Blocks {
    fn coarse_and_fine(planes: &[Plane], width: usize, height: usize) -> Vec<Self> {
        let count = |size: BlockSize| (width / size.side()) * (height / size.side()) * planes.len();
        let sizes = BlockSize::ALL.into_iter().filter(|&size| count(size) > 0);
        let coarse = sizes
            .clone()
            .rev()
            .find(|&size| count(size) >= COARSE_BLOCKS)
            .or(sizes.clone().next());
        let fine = sizes
            .clone()
            .find(|&size| count(size) <= FINE_BLOCKS)
            .or(sizes.clone().next_back());
        let mut wanted: Vec<BlockSize> = coarse.into_iter().chain(fine).collect();
        wanted.dedup();
        wanted
            .into_iter()
            .map(|size| Self::of(planes, width, height, size))
            .collect()
    }

    fn of(planes: &[Plane], width: usize, height: usize, size: BlockSize) -> Self {
        let side = size.side();
        let pixels = 1 << size.pixels_log();
        // How far above a frame's mean the true one may be.
        let rounding = if size < BlockSize::ThirtyTwo {
            pixels
        } else {
            pixels + pixels / 16
        };
        let mut blocks = Vec::new();
        for (index, plane) in planes.iter().enumerate() {
            for y in (0..height / side).map(|y| y * side) {
                for x in (0..width / side).map(|x| x * side) {
                    let sum: u32 = (y..y + side)
                        .map(|y| &plane.levels()[y * width + x..y * width + x + side])
                        .map(|levels| levels.iter().map(|level| u32::from(*level)).sum::<u32>())
                        .sum();
                    blocks.push(Block {
                        row: (index * height + y) as u32,
                        x: x as u32,
                        low: (sum.saturating_sub(rounding) / pixels) as u8,
                        high: sum.div_ceil(pixels) as u8,
                    });
                }
            }
        }
        Self {
            size,
            blocks: brightest_and_darkest_first(blocks),
        }
    }
}

/// The brightest, the darkest, the second brightest and so on: a wrong place is unlikely to have both.
fn brightest_and_darkest_first(mut blocks: Vec<Block>) -> Vec<Block> {
    blocks.sort_by_key(|block| block.high);
    let (dark, bright) = blocks.split_at(blocks.len() / 2);
    let mut ordered = Vec::with_capacity(blocks.len());
    let mut dark = dark.iter();
    for block in bright.iter().rev() {
        ordered.push(*block);
        ordered.extend(dark.next());
    }
    ordered
}

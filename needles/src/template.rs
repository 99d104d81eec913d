use crate::block_size::BlockSize;
use crate::kernel::Block;
use crate::smooth::{Channel, Plane};
use crate::{Area, Channels, Picture, Rect};

/// Blocks that a scan looks at. With more, larger blocks rule out as many places at less cost.
const MOST_BLOCKS: usize = 128;

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
    /// What rules places out, unless the area is too small for any block.
    pub(crate) blocks: Option<Blocks>,
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
        Self {
            width,
            height,
            channels: area.channels,
            pixels: Pixels::cut(picture, area.rect),
            levels: rows.iter().flat_map(|&index| row(index)).copied().collect(),
            blocks: Blocks::of(&planes, width, height),
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
            .as_ref()
            .map_or(0, |blocks| blocks.blocks.len() * size_of::<Block>());
        self.levels.len() + self.pixels.rgb.len() + self.rows.len() * 4 + blocks + size_of::<Self>()
    }
}

/// How much a row's levels differ among themselves.
fn texture(levels: &[u8]) -> u64 {
    let sum: u64 = levels.iter().map(|level| u64::from(*level)).sum();
    let squares: u64 = levels.iter().map(|level| u64::from(*level).pow(2)).sum();
    levels.len() as u64 * squares - sum * sum
}

impl Pixels {
    fn cut(picture: &Picture, area: Rect) -> Self {
        let whole = Rect::new(0, 0, picture.width(), picture.height());
        let reached = Rect::new(area.x - 1, area.y - 1, area.width + 2, area.height + 2);
        // An area has pixels, so the two always share some.
        let rect = reached.intersection(&whole).unwrap_or(area);
        let columns = rect.x as usize * 3..rect.right() as usize * 3;
        let rows = rect.y as usize..rect.bottom() as usize;
        let rgb = rows
            .flat_map(|y| &picture.row(y)[columns.clone()])
            .copied()
            .collect();
        Self { rect, rgb }
    }
}

impl Blocks {
    fn of(planes: &[Plane], width: usize, height: usize) -> Option<Self> {
        let count = |size: BlockSize| (width / size.side()) * (height / size.side()) * planes.len();
        // The smallest size that doesn't make too many; for the largest areas the largest blocks.
        let mut sizes = BlockSize::ALL.into_iter().filter(|&size| count(size) > 0);
        let size = sizes
            .clone()
            .find(|&size| size > BlockSize::Four && count(size) <= MOST_BLOCKS);
        let size = size.or_else(|| sizes.next_back())?;
        let side = size.side();
        let mut blocks = Vec::with_capacity(count(size));
        for (index, plane) in planes.iter().enumerate() {
            for y in (0..height / side).map(|y| y * side) {
                for x in (0..width / side).map(|x| x * side) {
                    let row = |y: usize| &plane.levels()[y * width + x..y * width + x + side];
                    let sum: u32 = (y..y + side)
                        .flat_map(row)
                        .map(|level| u32::from(*level))
                        .sum();
                    let floor = sum >> size.pixels_log();
                    let ceiling = sum.div_ceil(1 << size.pixels_log());
                    blocks.push(Block {
                        row: (index * height + y) as u32,
                        x: x as u32,
                        low: floor.saturating_sub(1) as u8,
                        high: ceiling as u8,
                    });
                }
            }
        }
        Some(Self {
            size,
            blocks: brightest_and_darkest_first(blocks),
        })
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

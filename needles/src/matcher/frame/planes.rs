//! One channel of a frame: blurred levels, sums over blocks, and features of blocks.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::channel::Channel;
use super::plane::Plane;
use super::recycled::Recycled;
use super::strip::Strip;
use crate::matcher::block_size::BlockSize;
use crate::matcher::kernel::{Kernel, SCAN_STEP};
use crate::matcher::lattice::LATTICE;
use crate::picture::Picture;
use crate::rect::Rect;

/// Number of rows that are blurred together. A search window rarely needs the whole frame.
const SMOOTH_ROWS: usize = 32;

/// Number of lattice rows whose features are computed together: those that begin in one batch of blurred rows.
const BAND_ROWS: usize = SMOOTH_ROWS / LATTICE;

/// One channel of a frame: its blurred levels and the features of its blocks. Both are computed on first use.
///
/// A frame with painted exclude areas is a second value. It shares everything that the paint does not reach with the
/// unpainted value.
#[derive(Debug)]
pub(crate) struct Planes {
    picture: Picture,
    channel: Channel,
    /// The columns of these planes, from left to right. All rows are included.
    strip: Strip,
    painted: Vec<Rect>,
    unpainted: Option<Arc<Planes>>,
    smooth: Box<[OnceLock<Arc<Plane>>]>,
    /// For each block size, the batches; `bands` is laid out in the same way.
    sums: [Box<[OnceLock<Arc<Sums>>]>; BlockSize::ALL.len()],
    bands: [Box<[OnceLock<Arc<Band>>]>; BlockSize::ALL.len()],
}

/// The sums over the blocks of one size in some lattice rows. Sums over 4x4 levels are computed directly; the sum of a
/// larger block is that of four blocks half as large.
#[derive(Debug)]
struct Sums {
    /// Sums of the levels.
    levels: Recycled<u32>,
    /// Sums of the squared levels.
    squares: Recycled<u32>,
}

/// The features of the blocks of one size in some rows of the lattice.
#[derive(Debug)]
struct Band {
    /// Bytes from one row to the next: one for each block, and [`SCAN_STEP`] more.
    stride: usize,
    /// The means, rounded down.
    means: Recycled<u8>,
    /// The standard deviations, rounded as by [`Kernel::features`]. The layout is that of the means.
    deviations: Recycled<u8>,
}

impl Planes {
    /// Prepares some columns of a picture. Places on these planes are counted from the first column.
    pub(crate) fn new(picture: &Picture, channel: Channel, strip: Strip) -> Self {
        let batches = (picture.height() as usize).div_ceil(SMOOTH_ROWS);
        Self {
            picture: picture.clone(),
            channel,
            strip,
            painted: Vec::new(),
            unpainted: None,
            smooth: (0..batches).map(|_| OnceLock::new()).collect(),
            sums: BlockSize::ALL.map(|_| (0..batches).map(|_| OnceLock::new()).collect()),
            bands: BlockSize::ALL.map(|_| (0..batches).map(|_| OnceLock::new()).collect()),
        }
    }

    /// Makes the same planes with these rectangles painted green. The rectangles lie inside the frame.
    pub(crate) fn painted(unpainted: &Arc<Self>, painted: &[Rect]) -> Self {
        Self {
            painted: painted.to_vec(),
            unpainted: Some(unpainted.clone()),
            ..Self::new(&unpainted.picture, unpainted.channel, unpainted.strip)
        }
    }

    /// Makes the planes of another picture of this size, which differs at most in `changed`. Shares the parts that the
    /// change does not reach. `unpainted` must be the new counterpart of `self.unpainted`.
    pub(crate) fn after(
        &self,
        picture: &Picture,
        changed: &[Rect],
        unpainted: Option<Arc<Self>>,
    ) -> Self {
        let planes = Self {
            painted: self.painted.clone(),
            unpainted,
            ..Self::new(picture, self.channel, self.strip)
        };
        // The blur spreads a change by one row.
        let reaches = |top: usize, rows: usize| {
            let (top, bottom) = (top as i64 - 1, (top + rows) as i64 + 1);
            let reaches = |rect: &Rect| i64::from(rect.y) < bottom && rect.bottom() > top;
            changed.iter().any(reaches)
        };
        for (batch, (old, new)) in self.smooth.iter().zip(&planes.smooth).enumerate() {
            let Some(old) = old.get() else { continue };
            let plane = if reaches(batch * SMOOTH_ROWS, SMOOTH_ROWS) {
                old.after(picture, self.channel, &self.painted, changed)
                    .map(Arc::new)
            } else {
                Some(old.clone())
            };
            // The lock is new, so it cannot be set yet.
            plane.map(|plane| new.set(plane));
        }
        // The last block of a batch begins in the batch's last lattice row.
        let kept = |batch: usize, size: BlockSize| {
            !reaches(batch * SMOOTH_ROWS, SMOOTH_ROWS + size.side() - LATTICE)
        };
        for (index, size) in BlockSize::ALL.into_iter().enumerate() {
            keep(&self.sums[index], &planes.sums[index], |batch| {
                kept(batch, size)
            });
            keep(&self.bands[index], &planes.bands[index], |batch| {
                kept(batch, size)
            });
        }
        planes
    }

    /// Returns the blurred levels of a row.
    pub(crate) fn smooth_row(&self, y: usize) -> &[u8] {
        self.batch(y / SMOOTH_ROWS).row(y)
    }

    /// Returns the blurred levels of several rows.
    pub(crate) fn smooth_rows(&self, rows: Range<usize>) -> impl Iterator<Item = &[u8]> {
        let batches = rows.start / SMOOTH_ROWS..rows.end.div_ceil(SMOOTH_ROWS);
        batches.flat_map(move |batch| {
            let first = batch * SMOOTH_ROWS;
            let rows = rows.start.max(first)..rows.end.min(first + SMOOTH_ROWS);
            let plane = self.batch(batch);
            rows.map(|y| plane.row(y))
        })
    }

    /// Returns one batch of blurred rows.
    fn batch(&self, batch: usize) -> &Plane {
        let first = batch * SMOOTH_ROWS;
        let rows = SMOOTH_ROWS.min(self.picture.height() as usize - first);
        if let Some(unpainted) = self.unpainted_if_clean(first, rows) {
            return unpainted.batch(batch);
        }
        self.smooth[batch].get_or_init(|| {
            let Strip { left, width } = self.strip;
            let rect = Rect::new(left as i32, first as i32, width, rows as u32);
            Arc::new(Plane::of(&self.picture, rect, self.channel, &self.painted))
        })
    }

    /// Returns the means and the deviations of the blocks of a lattice row.
    ///
    /// These blocks begin in pixel row `row * LATTICE`, at every [`LATTICE`]th pixel. The row must be one in which a
    /// block fits. [`SCAN_STEP`] more bytes follow the last block.
    pub(crate) fn features(&self, size: BlockSize, row: usize) -> [&[u8]; 2] {
        let (band, row) = (self.band(size, row), row % BAND_ROWS);
        let bytes = row * band.stride..(row + 1) * band.stride;
        [&band.means[bytes.clone()], &band.deviations[bytes]]
    }

    fn band(&self, size: BlockSize, row: usize) -> &Band {
        let first = row - row % BAND_ROWS;
        let (rows, pixels) = self.batch_of(size, first);
        let planes = self
            .unpainted_if_clean(first * LATTICE, pixels)
            .unwrap_or(self);
        planes.bands[size as usize][row / BAND_ROWS].get_or_init(|| {
            let columns = blocks(self.strip.width, size);
            Arc::new(planes.make_band(size, first, rows, columns))
        })
    }

    /// Returns the unpainted planes if no paint is visible in these rows.
    fn unpainted_if_clean(&self, first: usize, rows: usize) -> Option<&Self> {
        let unpainted = self.unpainted.as_ref()?;
        // The blur spreads paint by one row.
        let (top, bottom) = (first as i64 - 1, (first + rows) as i64 + 1);
        let clean = |paint: &Rect| paint.bottom() <= top || i64::from(paint.y) >= bottom;
        self.painted.iter().all(clean).then_some(unpainted)
    }

    /// Returns the number of lattice rows of which the frame has all four rows of pixels.
    pub(crate) fn cell_rows(&self) -> usize {
        self.picture.height() as usize / LATTICE
    }

    /// Returns the number of cells in a row of which the frame has all four columns of pixels.
    pub(crate) fn cell_columns(&self) -> usize {
        self.strip.width as usize / LATTICE
    }

    /// Returns the sums over the blocks of a lattice row: of the levels and of their squares.
    ///
    /// A cell is a block of the smallest size.
    pub(crate) fn sums(&self, size: BlockSize, row: usize) -> [&[u32]; 2] {
        let first = row - row % BAND_ROWS;
        let (rows, pixels) = self.batch_of(size, first);
        let columns = blocks(self.strip.width, size);
        let planes = self
            .unpainted_if_clean(first * LATTICE, pixels)
            .unwrap_or(self);
        let sums = planes.sums[size as usize][row / BAND_ROWS]
            .get_or_init(|| Arc::new(planes.make_sums(size, first, rows, columns)));
        let place = (row - first) * columns..(row - first + 1) * columns;
        [&sums.levels[place.clone()], &sums.squares[place]]
    }

    fn make_sums(&self, size: BlockSize, first: usize, rows: usize, columns: usize) -> Sums {
        let mut made = Sums {
            levels: Recycled::of(rows * columns),
            squares: Recycled::of(rows * columns),
        };
        let levels = made.levels.chunks_exact_mut(columns);
        let squares = made.squares.chunks_exact_mut(columns);
        for (row, (levels, squares)) in (first..).zip(levels.zip(squares)) {
            match size.half() {
                None => {
                    let smooth = [0, 1, 2, 3].map(|below| self.smooth_row(row * LATTICE + below));
                    Kernel::detect().cells(smooth, levels, squares);
                }
                Some(half) => {
                    let step = half.side() / LATTICE;
                    let (above, below) = (self.sums(half, row), self.sums(half, row + step));
                    Kernel::detect().add_fours(above[0], below[0], step, levels);
                    Kernel::detect().add_fours(above[1], below[1], step, squares);
                }
            }
        }
        made
    }

    /// Returns the number of lattice rows of blocks that begin in the batch whose first row is `first`, and the number
    /// of pixel rows that they cover.
    fn batch_of(&self, size: BlockSize, first: usize) -> (usize, usize) {
        let rows = BAND_ROWS.min(blocks(self.picture.height(), size) - first);
        (rows, (rows - 1) * LATTICE + size.side())
    }

    fn make_band(&self, size: BlockSize, first: usize, rows: usize, columns: usize) -> Band {
        let stride = columns + SCAN_STEP;
        let mut band = Band {
            stride,
            means: Recycled::of(rows * stride),
            deviations: Recycled::of(rows * stride),
        };
        let means = band.means.chunks_exact_mut(stride);
        let deviations = band.deviations.chunks_exact_mut(stride);
        for (row, (means, deviations)) in (first..).zip(means.zip(deviations)) {
            let [levels, squares] = self.sums(size, row);
            let log = size.pixels_log();
            let (means, behind) = means.split_at_mut(columns);
            behind.fill(0);
            let (deviations, behind) = deviations.split_at_mut(columns);
            behind.fill(0);
            Kernel::detect().features(levels, squares, log, means, deviations);
        }
        band
    }
}

/// Returns the number of blocks that begin on the lattice in a length of so many pixels. The length must be that of one
/// block at least.
fn blocks(pixels: u32, size: BlockSize) -> usize {
    (pixels as usize - size.side()) / LATTICE + 1
}

/// Copies the batches for which `holds` returns true.
fn keep<T>(old: &[OnceLock<Arc<T>>], new: &[OnceLock<Arc<T>>], holds: impl Fn(usize) -> bool) {
    for (batch, (old, new)) in old.iter().zip(new).enumerate() {
        if holds(batch) {
            // The lock is new, so it cannot be set yet.
            old.get().map(|value| new.set(value.clone()));
        }
    }
}

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

/// Rows that are blurred together when the first of them is needed: a window seldom needs the whole frame.
const SMOOTH_ROWS: usize = 32;

/// Lattice rows whose features are made together: those that begin in one batch of blurred rows.
const BAND_ROWS: usize = SMOOTH_ROWS / LATTICE;

/// One channel of a frame: its blurred levels and its blocks' features, both made when first needed.
///
/// A frame on which exclude areas are painted is a second value that shares with the first what paint doesn't touch.
#[derive(Debug)]
pub(crate) struct Planes {
    picture: Picture,
    channel: Channel,
    /// The columns that these planes have, from left to right; all rows.
    strip: Strip,
    painted: Vec<Rect>,
    unpainted: Option<Arc<Planes>>,
    smooth: Box<[OnceLock<Arc<Plane>>]>,
    /// By the size of blocks, as the bands.
    sums: [Box<[OnceLock<Arc<Sums>>]>; BlockSize::ALL.len()],
    bands: [Box<[OnceLock<Arc<Band>>]>; BlockSize::ALL.len()],
}

/// The sums over the blocks of one size in some rows of the lattice: those over 4x4 levels are added up, and each of a
/// larger block is that of four half as large.
#[derive(Debug)]
struct Sums {
    /// Of the levels.
    levels: Recycled<u32>,
    /// Of the levels' squares.
    squares: Recycled<u32>,
}

/// The features of the blocks of one size in some rows of the lattice.
#[derive(Debug)]
struct Band {
    /// Bytes from row to row: the blocks, and [`SCAN_STEP`] more.
    stride: usize,
    /// Rounded down.
    means: Recycled<u8>,
    /// The standard deviations, as [`Kernel::features`] rounds them; laid out as the means.
    deviations: Recycled<u8>,
}

impl Planes {
    /// Of some columns. Places on these planes count from the first of them.
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

    /// The same frame with these rectangles painted green. They lie inside it.
    pub(crate) fn painted(unpainted: &Arc<Self>, painted: &[Rect]) -> Self {
        Self {
            painted: painted.to_vec(),
            unpainted: Some(unpainted.clone()),
            ..Self::new(&unpainted.picture, unpainted.channel, unpainted.strip)
        }
    }

    /// The same for another picture of this size, that differs at most in these rectangles, sharing what they don't
    /// reach. `unpainted` is to this one what it is to the old one.
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
        // Blur carries a change one row further.
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
            // The lock is new, so nobody can have set it.
            plane.map(|plane| new.set(plane));
        }
        // The last block of a batch begins in its last row of the lattice.
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

    /// The blurred levels of a row.
    pub(crate) fn smooth_row(&self, y: usize) -> &[u8] {
        self.batch(y / SMOOTH_ROWS).row(y)
    }

    /// The blurred levels of rows, one after the other.
    pub(crate) fn smooth_rows(&self, rows: Range<usize>) -> impl Iterator<Item = &[u8]> {
        let batches = rows.start / SMOOTH_ROWS..rows.end.div_ceil(SMOOTH_ROWS);
        batches.flat_map(move |batch| {
            let first = batch * SMOOTH_ROWS;
            let rows = rows.start.max(first)..rows.end.min(first + SMOOTH_ROWS);
            let plane = self.batch(batch);
            rows.map(|y| plane.row(y))
        })
    }

    /// Rows that are blurred together.
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

    /// The means and the deviations of the blocks of a lattice row: of those whose upper left corners are in pixel row
    /// `row * LATTICE`, at every [`LATTICE`]th pixel from the first on. There is such a row wherever a block fits.
    /// Behind the last block's there are [`SCAN_STEP`] bytes more.
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

    /// The unpainted planes, if no paint shows in these rows.
    fn unpainted_if_clean(&self, first: usize, rows: usize) -> Option<&Self> {
        let unpainted = self.unpainted.as_ref()?;
        // Blur carries paint one row further.
        let (top, bottom) = (first as i64 - 1, (first + rows) as i64 + 1);
        let clean = |paint: &Rect| paint.bottom() <= top || i64::from(paint.y) >= bottom;
        self.painted.iter().all(clean).then_some(unpainted)
    }

    /// Lattice rows of which the frame has all four rows of pixels.
    pub(crate) fn cell_rows(&self) -> usize {
        self.picture.height() as usize / LATTICE
    }

    /// Cells in a row, as far as the frame has all four columns of pixels.
    pub(crate) fn cell_columns(&self) -> usize {
        self.strip.width as usize / LATTICE
    }

    /// The sums over the blocks of a lattice row: of the levels, and of their squares. A cell is a
    /// block of the smallest size.
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

    /// Returns how many lattice rows of blocks begin in a batch, of which this is the first, and how many
    /// rows of pixels these lie in.
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

/// How many blocks begin on the lattice in so many pixels, at least as many as a block has.
fn blocks(pixels: u32, size: BlockSize) -> usize {
    (pixels as usize - size.side()) / LATTICE + 1
}

/// Takes over what still holds of each batch.
fn keep<T>(old: &[OnceLock<Arc<T>>], new: &[OnceLock<Arc<T>>], holds: impl Fn(usize) -> bool) {
    for (batch, (old, new)) in old.iter().zip(new).enumerate() {
        if holds(batch) {
            // The lock is new, so nobody can have set it.
            old.get().map(|value| new.set(value.clone()));
        }
    }
}

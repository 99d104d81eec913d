use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::block_size::BlockSize;
use crate::kernel::{Kernel, SCAN_STEP};
use crate::smooth::{Channel, Plane};
use crate::strip::Strip;
use crate::{Picture, Rect};

/// Rows that are blurred together when the first of them is needed: a window seldom needs the whole frame.
const SMOOTH_ROWS: usize = 32;

/// The frame's blocks begin at every fourth pixel of every fourth row. A template has the blocks for all sixteen ways in which
/// it can lie on that lattice, so features are needed of a sixteenth of the frame's blocks only.
pub(crate) const LATTICE: usize = 4;

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
    cells: Box<[OnceLock<Arc<Cells>>]>,
    bands: [Box<[OnceLock<Arc<Band>>]>; BlockSize::ALL.len()],
}

/// The sums over 4x4 levels in some rows of the lattice, from which those of larger blocks follow.
#[derive(Debug)]
struct Cells {
    /// Of the levels.
    sums: Vec<u32>,
    /// Of the levels' squares.
    squares: Vec<u32>,
}

/// The features of the blocks of one size in some rows of the lattice.
#[derive(Debug)]
struct Band {
    /// Bytes from row to row: the blocks, and [`SCAN_STEP`] more.
    stride: usize,
    /// Rounded down.
    means: Vec<u8>,
    /// The standard deviations, as [`Kernel::features`] rounds them; laid out as the means.
    deviations: Vec<u8>,
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
            cells: (0..batches).map(|_| OnceLock::new()).collect(),
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

    /// The same for another picture of this size, that differs at most in these rectangles, sharing what they don't reach. `unpainted` is
    /// to this one what it is to the old one.
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
        let keep_cells = self.cells.iter().zip(&planes.cells).enumerate();
        for (batch, (old, new)) in keep_cells {
            if !reaches(batch * SMOOTH_ROWS, SMOOTH_ROWS) {
                old.get().map(|cells| new.set(cells.clone()));
            }
        }
        for (size, (old, new)) in BlockSize::ALL
            .into_iter()
            .zip(self.bands.iter().zip(&planes.bands))
        {
            for (batch, (old, new)) in old.iter().zip(new).enumerate() {
                if !reaches(batch * SMOOTH_ROWS, SMOOTH_ROWS + size.side()) {
                    old.get().map(|band| new.set(band.clone()));
                }
            }
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
    /// `row * LATTICE`, at every [`LATTICE`]th pixel from the first on. There is such a row wherever a block fits. Behind the last
    /// block's there are [`SCAN_STEP`] bytes more.
    pub(crate) fn features(&self, size: BlockSize, row: usize) -> [&[u8]; 2] {
        let (band, row) = (self.band(size, row), row % BAND_ROWS);
        let bytes = row * band.stride..(row + 1) * band.stride;
        [&band.means[bytes.clone()], &band.deviations[bytes]]
    }

    fn band(&self, size: BlockSize, row: usize) -> &Band {
        let first = row - row % BAND_ROWS;
        let blocks = |length: u32| (length as usize - size.side()) / LATTICE + 1;
        let rows = BAND_ROWS.min(blocks(self.picture.height()) - first);
        let pixels = (rows - 1) * LATTICE + size.side();
        let planes = self
            .unpainted_if_clean(first * LATTICE, pixels)
            .unwrap_or(self);
        planes.bands[size as usize][row / BAND_ROWS].get_or_init(|| {
            let columns = blocks(self.strip.width);
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

    /// The sums of the cells of a lattice row: of the levels, and of their squares.
    pub(crate) fn cell_sums(&self, row: usize) -> [&[u32]; 2] {
        let columns = self.cell_columns();
        let first = row - row % BAND_ROWS;
        let rows = BAND_ROWS.min(self.cell_rows() - first);
        let planes = self
            .unpainted_if_clean(first * LATTICE, rows * LATTICE)
            .unwrap_or(self);
        let cells = planes.cells[row / BAND_ROWS].get_or_init(|| {
            let mut cells = Cells {
                sums: vec![0; rows * columns],
                squares: vec![0; rows * columns],
            };
            let sums = cells.sums.chunks_exact_mut(columns);
            let squares = cells.squares.chunks_exact_mut(columns);
            for (row, (sums, squares)) in sums.zip(squares).enumerate() {
                let y = (first + row) * LATTICE;
                let levels = [0, 1, 2, 3].map(|row| planes.smooth_row(y + row));
                Kernel::detect().cells(levels, sums, squares);
            }
            Arc::new(cells)
        });
        let cells_of_row = (row - first) * columns..(row - first + 1) * columns;
        [
            &cells.sums[cells_of_row.clone()],
            &cells.squares[cells_of_row],
        ]
    }

    fn make_band(&self, size: BlockSize, first: usize, rows: usize, columns: usize) -> Band {
        let side = size.side() / LATTICE;
        let stride = columns + SCAN_STEP;
        let mut band = Band {
            stride,
            means: vec![0; rows * stride],
            deviations: vec![0; rows * stride],
        };
        let cells = self.cell_columns();
        // Of the cells below each other in a block, kept from row to row.
        let mut upright = [vec![0; cells], vec![0; cells]];
        let mut blocks = [vec![0; cells], vec![0; cells]];
        let mut spare = vec![0; cells];
        for row in 0..rows {
            let new = if row == 0 {
                0..side
            } else {
                row + side - 1..row + side
            };
            for row in new {
                add_each(&mut upright, self.cell_sums(first + row));
            }
            for (sums, upright) in blocks.iter_mut().zip(&upright) {
                sums_beside(upright, side, sums, &mut spare);
            }
            let place = row * stride..row * stride + columns;
            Kernel::detect().features(
                &blocks[0][..columns],
                &blocks[1][..columns],
                size.pixels_log(),
                &mut band.means[place.clone()],
                &mut band.deviations[place],
            );
            subtract_each(&mut upright, self.cell_sums(first + row));
        }
        band
    }
}

fn add_each(totals: &mut [Vec<u32>; 2], more: [&[u32]; 2]) {
    for (totals, more) in totals.iter_mut().zip(more) {
        let numbers = totals.iter_mut().zip(more);
        numbers.for_each(|(total, more)| *total += more);
    }
}

fn subtract_each(totals: &mut [Vec<u32>; 2], less: [&[u32]; 2]) {
    for (totals, less) in totals.iter_mut().zip(less) {
        let numbers = totals.iter_mut().zip(less);
        numbers.for_each(|(total, less)| *total -= less);
    }
}

/// The sums of each `side` numbers, a power of two, that lie side by side, one from each number on; the last `side - 1` are of no use.
/// `spare` is as long.
fn sums_beside(numbers: &[u32], side: usize, out: &mut Vec<u32>, spare: &mut Vec<u32>) {
    out.copy_from_slice(numbers);
    let mut step = 1;
    while step < side {
        let pairs = out.iter().zip(&out[step.min(out.len())..]);
        let sums = spare.iter_mut().zip(pairs);
        sums.for_each(|(sum, (a, b))| *sum = a + b);
        std::mem::swap(out, spare);
        step *= 2;
    }
}

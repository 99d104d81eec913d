use std::sync::{Arc, OnceLock};

use crate::block_size::BlockSize;
use crate::kernel::{Kernel, SCAN_STEP};
use crate::smooth::{Channel, Plane};
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
    painted: Vec<Rect>,
    unpainted: Option<Arc<Planes>>,
    smooth: Box<[OnceLock<Plane>]>,
    bands: [Box<[OnceLock<Band>]>; 5],
}

/// The features of the blocks of one size in some rows of the lattice.
#[derive(Debug)]
struct Band {
    /// Blocks in a row.
    columns: usize,
    /// Of the levels in each block.
    sums: Vec<u32>,
    /// Of the levels' squares in each block.
    squares: Vec<u32>,
    /// Rounded down; each row is followed by [`SCAN_STEP`] bytes.
    means: Vec<u8>,
    /// The standard deviations, as [`Kernel::features`] rounds them; laid out as the means.
    deviations: Vec<u8>,
}

impl Planes {
    pub(crate) fn new(picture: &Picture, channel: Channel) -> Self {
        let batches = (picture.height() as usize).div_ceil(SMOOTH_ROWS);
        Self {
            picture: picture.clone(),
            channel,
            painted: Vec::new(),
            unpainted: None,
            smooth: (0..batches).map(|_| OnceLock::new()).collect(),
            bands: BlockSize::ALL.map(|_| (0..batches).map(|_| OnceLock::new()).collect()),
        }
    }

    /// The same frame with these rectangles painted green. They lie inside it.
    pub(crate) fn painted(unpainted: &Arc<Self>, painted: &[Rect]) -> Self {
        Self {
            painted: painted.to_vec(),
            unpainted: Some(unpainted.clone()),
            ..Self::new(&unpainted.picture, unpainted.channel)
        }
    }

    /// The blurred levels of a row.
    pub(crate) fn smooth_row(&self, y: usize) -> &[u8] {
        let first = y - y % SMOOTH_ROWS;
        let rows = SMOOTH_ROWS.min(self.picture.height() as usize - first);
        if let Some(unpainted) = self.unpainted_if_clean(first, rows) {
            return unpainted.smooth_row(y);
        }
        let plane = self.smooth[y / SMOOTH_ROWS].get_or_init(|| {
            let rect = Rect::new(0, first as i32, self.picture.width(), rows as u32);
            Plane::of(&self.picture, rect, self.channel, &self.painted)
        });
        plane.row(y)
    }

    /// The means and the deviations of the blocks of a lattice row: of those whose upper left corners are in pixel row
    /// `row * LATTICE`, at every [`LATTICE`]th pixel from the first on. There is such a row wherever a block fits. Behind the last
    /// block's there are [`SCAN_STEP`] bytes more.
    pub(crate) fn features(&self, size: BlockSize, row: usize) -> [&[u8]; 2] {
        let (band, row) = (self.band(size, row), row % BAND_ROWS);
        let stride = band.columns + SCAN_STEP;
        let bytes = row * stride..(row + 1) * stride;
        [&band.means[bytes.clone()], &band.deviations[bytes]]
    }

    fn sums(&self, size: BlockSize, row: usize) -> [&[u32]; 2] {
        let (band, row) = (self.band(size, row), row % BAND_ROWS);
        let blocks = row * band.columns..(row + 1) * band.columns;
        [&band.sums[blocks.clone()], &band.squares[blocks]]
    }

    fn band(&self, size: BlockSize, row: usize) -> &Band {
        let first = row - row % BAND_ROWS;
        let blocks = |length: u32| (length as usize - size.side()) / LATTICE + 1;
        let rows = BAND_ROWS.min(blocks(self.picture.height()) - first);
        let pixels = (rows - 1) * LATTICE + size.side();
        let planes = self
            .unpainted_if_clean(first * LATTICE, pixels)
            .unwrap_or(self);
        planes.bands[size as usize][row / BAND_ROWS]
            .get_or_init(|| planes.make_band(size, first, rows, blocks(self.picture.width())))
    }

    /// The unpainted planes, if no paint shows in these rows.
    fn unpainted_if_clean(&self, first: usize, rows: usize) -> Option<&Self> {
        let unpainted = self.unpainted.as_ref()?;
        // Blur carries paint one row further.
        let (top, bottom) = (first as i64 - 1, (first + rows) as i64 + 1);
        let clean = |paint: &Rect| paint.bottom() <= top || i64::from(paint.y) >= bottom;
        self.painted.iter().all(clean).then_some(unpainted)
    }

    fn make_band(&self, size: BlockSize, first: usize, rows: usize, columns: usize) -> Band {
        let kernel = Kernel::detect();
        let stride = columns + SCAN_STEP;
        let mut band = Band {
            columns,
            sums: vec![0; rows * columns],
            squares: vec![0; rows * columns],
            means: vec![0; rows * stride],
            deviations: vec![0; rows * stride],
        };
        for row in 0..rows {
            let sums = &mut band.sums[row * columns..(row + 1) * columns];
            let squares = &mut band.squares[row * columns..(row + 1) * columns];
            match size.half() {
                None => {
                    let y = (first + row) * LATTICE;
                    kernel.cells(
                        [0, 1, 2, 3].map(|row| self.smooth_row(y + row)),
                        sums,
                        squares,
                    );
                }
                Some(half) => {
                    let step = half.side() / LATTICE;
                    let above = self.sums(half, first + row);
                    let below = self.sums(half, first + row + step);
                    for (out, (above, below)) in [sums, squares]
                        .into_iter()
                        .zip(above.into_iter().zip(below))
                    {
                        add_four(out, above, below, step);
                    }
                }
            }
            let place = row * stride..row * stride + columns;
            kernel.features(
                &band.sums[row * columns..(row + 1) * columns],
                &band.squares[row * columns..(row + 1) * columns],
                size.pixels_log(),
                &mut band.means[place.clone()],
                &mut band.deviations[place],
            );
        }
        band
    }
}

/// A block's sum from those of its quarters, which begin `step` apart.
fn add_four(out: &mut [u32], above: &[u32], below: &[u32], step: usize) {
    let count = out.len();
    let (above_right, below_right) = (&above[step..step + count], &below[step..step + count]);
    for (x, out) in out.iter_mut().enumerate() {
        *out = above[x] + above_right[x] + below[x] + below_right[x];
    }
}

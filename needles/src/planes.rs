use std::sync::{Arc, OnceLock};

use crate::block_size::BlockSize;
use crate::kernel::{Kernel, SCAN_STEP};
use crate::smooth::{Channel, Plane};
use crate::{Picture, Rect};

/// Rows that are blurred together when the first of them is needed: a window seldom needs the whole frame.
const SMOOTH_ROWS: usize = 32;

/// Rows of block means that are made together. More than above, because each batch begins with a block's height of rows.
const MEAN_ROWS: usize = 64;

/// Rows of block means, made when the first of them is needed.
type Batch = OnceLock<Box<[u8]>>;

/// One channel of a frame: its blurred levels and its block means, both made when first needed.
///
/// A frame on which exclude areas are painted is a second value that shares with the first what paint doesn't touch.
#[derive(Debug)]
pub(crate) struct Planes {
    picture: Picture,
    channel: Channel,
    painted: Vec<Rect>,
    unpainted: Option<Arc<Planes>>,
    smooth: Box<[OnceLock<Plane>]>,
    means: [Box<[Batch]>; 5],
}

impl Planes {
    pub(crate) fn new(picture: &Picture, channel: Channel) -> Self {
        let batches = |rows: usize| (picture.height() as usize).div_ceil(rows);
        Self {
            picture: picture.clone(),
            channel,
            painted: Vec::new(),
            unpainted: None,
            smooth: (0..batches(SMOOTH_ROWS)).map(|_| OnceLock::new()).collect(),
            means: BlockSize::ALL
                .map(|_| (0..batches(MEAN_ROWS)).map(|_| OnceLock::new()).collect()),
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

    /// The means, rounded as [`Kernel::means`] does, of the blocks whose upper left corners are in this row. There is such a row for each `y` at
    /// which a block fits; in it, what follows the last column at which a block fits has no meaning, and [`SCAN_STEP`]
    /// bytes follow the frame's last column.
    pub(crate) fn mean_row(&self, size: BlockSize, y: usize) -> &[u8] {
        let first = y - y % MEAN_ROWS;
        let last = (first + MEAN_ROWS).min(self.picture.height() as usize + 1 - size.side());
        if let Some(unpainted) = self.unpainted_if_clean(first, last - first + size.side() - 1) {
            return unpainted.mean_row(size, y);
        }
        let stride = self.picture.width() as usize + SCAN_STEP;
        let batch = self.means[size as usize][y / MEAN_ROWS]
            .get_or_init(|| self.mean_rows(size, first, last));
        &batch[(y - first) * stride..(y - first + 1) * stride]
    }

    /// The unpainted planes, if no paint shows in these rows.
    fn unpainted_if_clean(&self, first: usize, rows: usize) -> Option<&Self> {
        let unpainted = self.unpainted.as_ref()?;
        // Blur carries paint one row further.
        let (top, bottom) = (first as i64 - 1, (first + rows) as i64 + 1);
        let clean = |paint: &Rect| paint.bottom() <= top || i64::from(paint.y) >= bottom;
        self.painted.iter().all(clean).then_some(unpainted)
    }

    fn mean_rows(&self, size: BlockSize, first: usize, last: usize) -> Box<[u8]> {
        let kernel = Kernel::detect();
        let side = size.side();
        let width = self.picture.width() as usize;
        let stride = width + SCAN_STEP;
        let mut means = vec![0; (last - first) * stride];
        let mut columns = vec![0; width];
        let mut sums = vec![0; width];
        let mut spare = vec![0; width];
        let nothing = vec![0; width];
        for y in first..last + side - 1 {
            let outgoing = if y >= first + side {
                self.smooth_row(y - side)
            } else {
                &nothing
            };
            kernel.slide(&mut columns, self.smooth_row(y), outgoing);
            if let Some(row) = (y + 1).checked_sub(first + side) {
                sums.copy_from_slice(&columns);
                let out = &mut means[row * stride..row * stride + width + 1 - side];
                kernel.means(&mut sums, &mut spare, size.log(), out);
            }
        }
        means.into()
    }
}

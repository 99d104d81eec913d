//! The blurred levels of a template.

use crate::matcher::frame::Plane;
use crate::matcher::kernel::{StripStart, Strips};

/// The blurred levels of a template.
#[derive(Debug)]
pub(crate) struct Levels {
    /// Row after row: `y * channels + channel`.
    pub(crate) levels: Vec<u8>,
    width: usize,
    /// The beginnings of all rows, from top to bottom.
    rows: Vec<StripStart>,
}

impl Levels {
    pub(super) fn of(planes: Vec<Plane>, width: usize, height: usize) -> Self {
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
        let rows = (0..(height * channels) as u32).map(|row| StripStart { row, x: 0 });
        Self {
            levels,
            width,
            rows: rows.collect(),
        }
    }

    /// Returns all levels.
    pub(crate) fn whole(&self) -> Strips<'_> {
        Strips {
            levels: &self.levels,
            stride: self.width,
            width: self.width,
            order: &self.rows,
        }
    }
}

//! The parts of a template that are compared level by level.

/// Parts of a template's rows, all of one width, for [`Kernel::ssd_within`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strips<'a> {
    /// The template's rows, one after another.
    pub(crate) levels: &'a [u8],
    /// Distance in levels from one row to the next.
    pub(crate) stride: usize,
    /// Number of levels in each strip.
    pub(crate) width: usize,
    /// The beginnings of the strips, in the order in which they are summed up.
    pub(crate) order: &'a [StripStart],
}

/// The beginning of a strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StripStart {
    pub(crate) row: u32,
    pub(crate) x: u32,
}

impl<'a> Strips<'a> {
    /// Returns each strip with the frame's levels under it. The template begins at column `x` of the frame's rows.
    #[inline(always)]
    pub(super) fn beside(
        self,
        frame: &'a [&'a [u8]],
        x: usize,
    ) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        self.order.iter().map(move |strip| {
            let (row, at) = (strip.row as usize, strip.x as usize);
            let start = row * self.stride + at;
            (
                &self.levels[start..start + self.width],
                &frame[row][x + at..x + at + self.width],
            )
        })
    }
}

/// A square of a template's pixels in one channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Square {
    /// Side in pixels: 4, 8, 16 or 32.
    pub(crate) side: usize,
    /// The first row.
    pub(crate) row: usize,
    /// The first column.
    pub(crate) x: usize,
    /// Distance between rows of the square: the number of channels.
    pub(crate) step: usize,
}

impl Square {
    /// Returns one row of the square with the frame's levels under it. Returns `None` if the row is not entirely on
    /// both.
    #[inline(always)]
    pub(super) fn row<'a, const SIDE: usize>(
        self,
        template: Strips<'a>,
        frame: &[&'a [u8]],
        x: usize,
        row: usize,
    ) -> Option<(&'a [u8; SIDE], &'a [u8; SIDE])> {
        let row = self.row + row * self.step;
        let levels = template.levels.get(row * template.stride + self.x..)?;
        let frame = frame.get(row)?.get(x + self.x..)?;
        Some((levels.first_chunk()?, frame.first_chunk()?))
    }
}

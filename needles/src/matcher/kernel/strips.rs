/// Parts of a template's rows, all of one width, for [`Kernel::ssd_within`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strips<'a> {
    /// The template's rows, one after another.
    pub(crate) levels: &'a [u8],
    /// Levels from row to row.
    pub(crate) stride: usize,
    /// Levels in each strip.
    pub(crate) width: usize,
    /// Where they are, in the order in which they are summed up.
    pub(crate) order: &'a [StripStart],
}

/// Where a strip begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StripStart {
    pub(crate) row: u32,
    pub(crate) x: u32,
}

impl<'a> Strips<'a> {
    /// The strips, each beside what it lies on; `x` is where on the frame's rows the template begins.
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
    /// Pixels in a row: 4, 8, 16 or 32.
    pub(crate) side: usize,
    /// The first of its rows.
    pub(crate) row: usize,
    /// Its first column.
    pub(crate) x: usize,
    /// From one of its rows to the next: the number of channels.
    pub(crate) step: usize,
}

impl Square {
    /// One of its rows beside what it lies on, where a row has so many pixels; none where it isn't wholly on both.
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

//! The inputs and results of loops over features of blocks.

/// One feature (mean or deviation) of one block of a template, for [`Kernel::scan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The index of the scanned row with the frame's feature of this block.
    pub(crate) row: u16,
    /// Columns from the place to the block.
    pub(crate) x: u16,
    /// The true feature of the frame differs by at least `low - w` if it was rounded to `w`.
    pub(crate) low: u8,
    /// The true feature of the frame differs by at least `w - high` if it was rounded to `w`.
    pub(crate) high: u8,
}

/// One feature of all blocks of a template and of the frame at one place, for [`Kernel::squares_outside`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid<'a> {
    /// Number of blocks in a row.
    pub(crate) across: usize,
    /// The frame's feature differs by at least `low - feature`. Row after row, then [`SCAN_STEP`] more bytes.
    pub(crate) low: &'a [u8],
    /// The frame's feature differs by at least `feature - high`. The layout is that of `low`.
    pub(crate) high: &'a [u8],
    /// The frame's features from the first block on, contiguous within a row, then [`SCAN_STEP`] more bytes.
    pub(crate) frame: &'a [u8],
    /// Distance between rows in the frame's features.
    pub(crate) stride: usize,
    /// Number of rows of blocks.
    pub(crate) rows: usize,
}

/// Blocks of one size, for [`Kernel::scan`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage<'a> {
    pub(crate) blocks: &'a [Block],
    /// `rows[block.row][x + block.x + column]` is the frame's feature of a block at the place `column`.
    pub(crate) rows: &'a [&'a [u8]],
    /// The column of the first place in the rows.
    pub(crate) x: usize,
    /// Each square is shifted right by this before it is added.
    pub(crate) shift: u32,
    /// The stage is skipped if fewer places of a step are left. The first stage is never skipped.
    pub(crate) worth: u32,
    /// A place is kept if its sum is not greater. Below `u16::MAX`, at which sums saturate.
    pub(crate) threshold: u16,
}

/// A place that a scan did not rule out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Survivor {
    /// The column, counted from the first place of the row.
    pub(crate) column: u32,
    /// The last stage that looked at the place.
    pub(crate) stage: u32,
    /// The sum of that stage.
    pub(crate) sum: u16,
}

/// Number of places that one step of a scan looks at. Rows of features must continue for this many bytes after their
/// end.
pub(crate) const SCAN_STEP: usize = 32;

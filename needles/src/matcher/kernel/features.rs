/// One feature (mean or deviation) of one block of a template for [`Kernel::scan`]: where it lies, and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Which of the rows handed to the scan holds the frame's feature of this block.
    pub(crate) row: u16,
    /// Columns from the place to the block.
    pub(crate) x: u16,
    /// A frame's feature that was rounded to `w` is at least `low - w` away.
    pub(crate) low: u8,
    /// A frame's feature that was rounded to `w` is at least `w - high` away.
    pub(crate) high: u8,
}

/// One feature of a template's blocks beside the frame's at one place, for [`Kernel::squares_outside`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid<'a> {
    /// Blocks in a row.
    pub(crate) across: usize,
    /// A frame's feature is at least `low - feature` away; one row after another, and [`SCAN_STEP`] bytes more.
    pub(crate) low: &'a [u8],
    /// A frame's feature is at least `feature - high` away; laid out as `low`.
    pub(crate) high: &'a [u8],
    /// The frame's features from the first block's on, those of a row side by side, and [`SCAN_STEP`] bytes more.
    pub(crate) frame: &'a [u8],
    /// From row to row in the frame's features.
    pub(crate) stride: usize,
    /// Rows of blocks.
    pub(crate) rows: usize,
}

/// Blocks of one size, for [`Kernel::scan`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage<'a> {
    pub(crate) blocks: &'a [Block],
    /// `rows[block.row][x + block.x + column]` is the frame's feature of a block at a place.
    pub(crate) rows: &'a [&'a [u8]],
    /// The first place's column in the rows.
    pub(crate) x: usize,
    /// Each square is shifted right by so much before it is added up.
    pub(crate) shift: u32,
    /// With fewer places left of a step, this stage is not looked at; the first always is.
    pub(crate) worth: u32,
    /// The greatest sum at which a place is kept; below `u16::MAX`, which stands for all that is more.
    pub(crate) threshold: u16,
}

/// A place that a scan could not rule out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Survivor {
    /// Its column, counted from the first place of the row.
    pub(crate) column: u32,
    /// The last stage that looked at it.
    pub(crate) stage: u32,
    /// What that stage's squares came to.
    pub(crate) sum: u16,
}

/// Places that one step of a scan looks at together; rows of features must go on for so many bytes behind their end.
pub(crate) const SCAN_STEP: usize = 32;

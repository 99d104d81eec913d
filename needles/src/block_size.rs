/// The side in pixels of the square blocks whose means rule places out.
///
/// Small blocks tell more, large ones are fewer. The order is that of the sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum BlockSize {
    Four,
    Eight,
    Sixteen,
    ThirtyTwo,
    SixtyFour,
}

impl BlockSize {
    pub(crate) const ALL: [Self; 5] = [
        Self::Four,
        Self::Eight,
        Self::Sixteen,
        Self::ThirtyTwo,
        Self::SixtyFour,
    ];

    /// The side as a power of two.
    pub(crate) fn log(self) -> u32 {
        match self {
            Self::Four => 2,
            Self::Eight => 3,
            Self::Sixteen => 4,
            Self::ThirtyTwo => 5,
            Self::SixtyFour => 6,
        }
    }

    /// Pixels in a row of a block.
    pub(crate) fn side(self) -> usize {
        1 << self.log()
    }

    /// Pixels of a block, as the power of two to shift a sum by.
    pub(crate) fn pixels_log(self) -> u32 {
        2 * self.log()
    }
}

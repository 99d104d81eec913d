/// The side in pixels of the square blocks whose features rule places out.
///
/// Small blocks tell more, large ones are fewer. The order is that of the sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum BlockSize {
    Four,
    Eight,
    Sixteen,
    ThirtyTwo,
}

impl BlockSize {
    pub(crate) const ALL: [Self; 4] = [Self::Four, Self::Eight, Self::Sixteen, Self::ThirtyTwo];

    /// The size of which four make one of this.
    pub(crate) fn half(self) -> Option<Self> {
        match self {
            Self::Four => None,
            Self::Eight => Some(Self::Four),
            Self::Sixteen => Some(Self::Eight),
            Self::ThirtyTwo => Some(Self::Sixteen),
        }
    }

    /// Pixels in a row of a block.
    pub(crate) fn side(self) -> usize {
        4 << self as usize
    }

    /// Pixels of a block, as the power of two to shift a sum by.
    pub(crate) fn pixels_log(self) -> u32 {
        4 + 2 * self as u32
    }
}

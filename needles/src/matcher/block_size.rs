//! The sizes of the blocks that the search compares.

/// The side length in pixels of the square blocks that the search compares by their features.
///
/// Small blocks rule out more places, large blocks are fewer. Sizes are ordered by their side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum BlockSize {
    Four,
    Eight,
    Sixteen,
    ThirtyTwo,
}

impl BlockSize {
    pub(crate) const ALL: [Self; 4] = [Self::Four, Self::Eight, Self::Sixteen, Self::ThirtyTwo];

    /// Returns the next smaller size: four such blocks make one block of this size.
    pub(crate) fn half(self) -> Option<Self> {
        match self {
            Self::Four => None,
            Self::Eight => Some(Self::Four),
            Self::Sixteen => Some(Self::Eight),
            Self::ThirtyTwo => Some(Self::Sixteen),
        }
    }

    /// Returns the side of a block in pixels.
    pub(crate) fn side(self) -> usize {
        4 << self as usize
    }

    /// Returns the binary logarithm of the number of pixels of a block.
    pub(crate) fn pixels_log(self) -> u32 {
        4 + 2 * self as u32
    }
}

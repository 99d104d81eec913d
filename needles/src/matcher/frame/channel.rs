//! The channels of a pixel that are compared.

use crate::needle::Channels;

/// One of a pixel's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Gray,
    Red,
    Green,
    Blue,
}

impl Channel {
    /// Returns the channels that are compared.
    pub(crate) fn of(channels: Channels) -> &'static [Channel] {
        match channels {
            Channels::Gray => &[Self::Gray],
            Channels::Colour => &[Self::Red, Self::Green, Self::Blue],
        }
    }

    /// Returns the level that exclude areas are painted with: pure green.
    pub(super) fn paint(self) -> u8 {
        match self {
            // The gray formula gives this for pure green.
            Self::Gray => 150,
            Self::Green => 255,
            Self::Red | Self::Blue => 0,
        }
    }
}

use crate::needle::Channels;

/// One number of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Gray,
    Red,
    Green,
    Blue,
}

impl Channel {
    /// The channels that are compared.
    pub(crate) fn of(channels: Channels) -> &'static [Channel] {
        match channels {
            Channels::Gray => &[Self::Gray],
            Channels::Colour => &[Self::Red, Self::Green, Self::Blue],
        }
    }

    /// What exclude areas are painted with: pure green.
    pub(super) fn paint(self) -> u8 {
        match self {
            // What the formula gives.
            Self::Gray => 150,
            Self::Green => 255,
            Self::Red | Self::Blue => 0,
        }
    }
}

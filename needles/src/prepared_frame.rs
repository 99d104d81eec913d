use std::sync::OnceLock;

use crate::smooth::{Channel, Plane};
use crate::{Channels, Picture, Rect};

/// A frame with what matching needs of it (gray, blur and so on), computed at most once, when first needed.
///
/// Make one a frame and share it between all searches, also between threads.
#[derive(Debug)]
pub struct PreparedFrame {
    picture: Picture,
    gray: OnceLock<[Plane; 1]>,
    colour: OnceLock<[Plane; 3]>,
}

impl PreparedFrame {
    /// Computes nothing yet.
    pub fn new(picture: Picture) -> Self {
        Self {
            picture,
            gray: OnceLock::new(),
            colour: OnceLock::new(),
        }
    }

    /// The frame itself.
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// The whole frame's levels.
    pub(crate) fn planes(&self, channels: Channels) -> &[Plane] {
        let whole = Rect::new(0, 0, self.picture.width(), self.picture.height());
        let plane = |channel| Plane::of(&self.picture, whole, channel, &[]);
        match channels {
            Channels::Gray => self.gray.get_or_init(|| [Channel::Gray].map(plane)),
            Channels::Colour => self
                .colour
                .get_or_init(|| [Channel::Red, Channel::Green, Channel::Blue].map(plane)),
        }
    }
}

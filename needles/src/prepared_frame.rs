use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::planes::Planes;
use crate::smooth::Channel;
use crate::{Channels, Picture, Rect};

/// Painted copies that a frame keeps: more sets of exclude areas are seldom asked for at once.
const MOST_PAINTED: usize = 16;

/// A frame with what matching needs of it (gray, blur and so on), computed at most once, when first needed.
///
/// Make one a frame and share it between all searches, also between threads.
#[derive(Debug)]
pub struct PreparedFrame {
    picture: Picture,
    gray: OnceLock<Vec<Arc<Planes>>>,
    colour: OnceLock<Vec<Arc<Planes>>>,
    painted: Mutex<Vec<Painted>>,
}

/// The frame as needles with these exclude areas see it.
#[derive(Debug)]
struct Painted {
    channels: Channels,
    rects: Vec<Rect>,
    planes: Vec<Arc<Planes>>,
}

impl PreparedFrame {
    /// Computes nothing yet.
    pub fn new(picture: Picture) -> Self {
        Self {
            picture,
            gray: OnceLock::new(),
            colour: OnceLock::new(),
            painted: Mutex::default(),
        }
    }

    /// The frame itself.
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// The frame's channels.
    pub(crate) fn planes(&self, channels: Channels) -> &Vec<Arc<Planes>> {
        let make = || {
            Channel::of(channels)
                .iter()
                .map(|&channel| Arc::new(Planes::new(&self.picture, channel)))
        };
        match channels {
            Channels::Gray => self.gray.get_or_init(|| make().collect()),
            Channels::Colour => self.colour.get_or_init(|| make().collect()),
        }
    }

    /// The frame's channels with these rectangles, which lie on it, painted.
    pub(crate) fn painted_planes(&self, channels: Channels, rects: &[Rect]) -> Vec<Arc<Planes>> {
        // Nothing panics while holding the lock, and the list would be whole if it did.
        let mut painted = self.painted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = painted
            .iter()
            .find(|known| known.channels == channels && known.rects == rects)
        {
            return known.planes.clone();
        }
        let unpainted = self.planes(channels).iter();
        let planes: Vec<_> = unpainted
            .map(|planes| Arc::new(Planes::painted(planes, rects)))
            .collect();
        if painted.len() == MOST_PAINTED {
            painted.remove(0);
        }
        painted.push(Painted {
            channels,
            rects: rects.to_vec(),
            planes: planes.clone(),
        });
        planes
    }
}

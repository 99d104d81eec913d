use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::planes::Planes;
use crate::search::{Fit, Known, Question};
use crate::smooth::Channel;
use crate::{Channels, Picture, Point, Rect};

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
    answers: Mutex<HashMap<(u64, Point), Answer>>,
}

/// What a search on this frame came to. A waiting loop asks again with another margin, and only what is new is searched.
#[derive(Debug)]
struct Answer {
    places: Rect,
    bound: u64,
    fit: Option<Fit>,
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
            answers: Mutex::default(),
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

    /// What is known of a template on this frame from an earlier search that began at the same place and had no lower bound.
    pub(crate) fn known(&self, template: u64, question: &Question) -> Option<Known> {
        // Whole entries at every moment.
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = answers.get(&(template, question.start))?;
        let fits = answer.fit.is_some_and(|fit| fit.ssd <= question.bound)
            || answer.bound >= question.bound;
        // A fit beyond the places asked for says nothing of these.
        let inside = |fit: &Fit| {
            question
                .places
                .intersection(&Rect::new(fit.place.x, fit.place.y, 1, 1))
                .is_some()
        };
        (fits && answer.fit.as_ref().is_none_or(inside)).then_some(Known {
            places: answer.places,
            fit: answer.fit,
        })
    }

    /// Keeps what a search came to.
    pub(crate) fn learn(&self, template: u64, question: &Question, fit: Option<Fit>) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = Answer {
            places: question.places,
            bound: question.bound,
            fit,
        };
        answers.insert((template, question.start), answer);
    }
}

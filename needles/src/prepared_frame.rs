use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::difference::difference;
use crate::planes::Planes;
use crate::search::{Fit, Known, Question};
use crate::settled::Counts;
use crate::smooth::Channel;
use crate::{Channels, Picture, Point, Rect, Settled};

/// Painted copies that a frame keeps: more sets of exclude areas are seldom asked for at once.
const MOST_PAINTED: usize = 16;

/// An answer that nobody has asked for on so many frames in a row is forgotten: its needle isn't waited for any more.
const FORGOTTEN: u32 = 100;

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
    settled: Counts,
}

/// What a search on this frame came to. A waiting loop asks again with another margin, and only what is new is searched.
#[derive(Debug)]
struct Answer {
    places: Rect,
    bound: u64,
    fit: Option<Fit>,
    /// The pixels it depends on.
    seen: Rect,
    /// Frames since it was last asked for.
    age: u32,
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
            settled: Counts::default(),
        }
    }

    /// The next frame of the same screen. What the two have in common is taken over: what was computed of it, and what searches that saw
    /// nothing else came to. Outside `changed` nothing differs; where that isn't known, all is compared.
    ///
    /// Searches on it find exactly what they find on a frame made with [`PreparedFrame::new`].
    pub fn after(previous: &Self, picture: Picture, changed: Option<Rect>) -> Self {
        let old = &previous.picture;
        if (old.width(), old.height()) != (picture.width(), picture.height()) {
            return Self::new(picture);
        }
        let changed = difference(old, &picture, changed);
        let next = Self::new(picture);
        let planes_of = |old: &OnceLock<Vec<Arc<Planes>>>, new: &OnceLock<Vec<Arc<Planes>>>| {
            let after =
                |planes: &Arc<Planes>| Arc::new(planes.after(&next.picture, &changed, None));
            // The lock is new, so nobody can have set it.
            old.get()
                .map(|old| new.set(old.iter().map(after).collect()));
        };
        planes_of(&previous.gray, &next.gray);
        planes_of(&previous.colour, &next.colour);
        // Whole entries at every moment.
        let painted = previous
            .painted
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let painted = painted.iter().map(|old| {
            let unpainted = next.planes(old.channels).iter();
            let planes = old.planes.iter().zip(unpainted);
            let planes = planes.map(|(old, unpainted)| {
                let unpainted = Some(unpainted.clone());
                Arc::new(old.after(&next.picture, &changed, unpainted))
            });
            Painted {
                channels: old.channels,
                rects: old.rects.clone(),
                planes: planes.collect(),
            }
        });
        let painted = painted.collect();
        let answers = previous
            .answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let holds = |answer: &Answer| {
            let differs = |rect: &Rect| rect.intersection(&answer.seen).is_some();
            answer.age < FORGOTTEN && !changed.iter().any(differs)
        };
        let answers = answers.iter().filter(|(_, answer)| holds(answer));
        let answers = answers.map(|(question, answer)| {
            let age = answer.age + 1;
            (*question, Answer { age, ..*answer })
        });
        let answers = answers.collect();
        Self {
            painted: Mutex::new(painted),
            answers: Mutex::new(answers),
            ..next
        }
    }

    /// The frame itself.
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// How many searches for an area on this frame each stage has settled.
    pub fn settled(&self) -> [(Settled, u64); Settled::ALL.len()] {
        self.settled.all()
    }

    /// Counts a search.
    pub(crate) fn count(&self, settled: Settled) {
        self.settled.add(settled);
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
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = answers.get_mut(&(template, question.start))?;
        answer.age = 0;
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
    ///
    /// `size` is the template's. Exclude areas hide pixels from the search, so it may have seen less than what is noted here.
    pub(crate) fn learn(
        &self,
        (template, size): (u64, (u32, u32)),
        question: &Question,
        fit: Option<Fit>,
    ) {
        // A perfect fit at the recorded place is the answer whatever is elsewhere.
        let is_perfect = fit.is_some_and(|fit| fit.ssd == 0 && fit.place == question.start);
        let places = if is_perfect {
            Rect::new(question.start.x, question.start.y, 1, 1)
        } else {
            question.places
        };
        // Blur looks one pixel further.
        let seen = Rect::new(
            places.x - 1,
            places.y - 1,
            places.width + size.0 + 1,
            places.height + size.1 + 1,
        );
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = Answer {
            places: question.places,
            bound: question.bound,
            fit,
            seen,
            age: 0,
        };
        answers.insert((template, question.start), answer);
    }
}

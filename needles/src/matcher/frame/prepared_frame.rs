use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::channel::Channel;
use super::difference::difference;
use super::planes::Planes;
use super::strip::Strip;
use crate::matcher::question::{Fit, Known, Question};
use crate::matcher::settled::{Counts, Settled};
use crate::needle::Channels;
use crate::picture::Picture;
use crate::rect::{Point, Rect};

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
    unpainted: Mutex<Vec<Prepared>>,
    painted: Mutex<Vec<Prepared>>,
    answers: Mutex<HashMap<(u64, Point), Answer>>,
    settled: Counts,
}

/// The result of a search on this frame. A waiting loop asks again with another margin, and only what is new is
/// searched.
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

/// Columns of the frame as needles with these exclude areas see them.
#[derive(Debug)]
struct Prepared {
    channels: Channels,
    strip: Strip,
    painted: Vec<Rect>,
    planes: Vec<Arc<Planes>>,
}

impl Prepared {
    /// The planes of these channels and columns with this paint.
    fn find(
        prepared: &[Self],
        channels: Channels,
        strip: Strip,
        painted: &[Rect],
    ) -> Option<Vec<Arc<Planes>>> {
        let is_it = |known: &&Self| {
            (known.channels, known.strip) == (channels, strip) && known.painted == painted
        };
        prepared
            .iter()
            .find(is_it)
            .map(|known| known.planes.clone())
    }
}

impl PreparedFrame {
    /// Computes nothing yet.
    pub fn new(picture: Picture) -> Self {
        Self {
            picture,
            unpainted: Mutex::default(),
            painted: Mutex::default(),
            answers: Mutex::default(),
            settled: Counts::default(),
        }
    }

    /// The next frame of the same screen. What the two have in common is taken over: what was computed of
    /// it, and what searches that saw nothing else came to. Outside `changed` nothing differs; where that
    /// isn't known, all is compared.
    ///
    /// Searches on it find exactly what they find on a frame made with [`PreparedFrame::new`].
    pub fn after(previous: &Self, picture: Picture, changed: Option<Rect>) -> Self {
        let old = &previous.picture;
        if (old.width(), old.height()) != (picture.width(), picture.height()) {
            return Self::new(picture);
        }
        let changed = difference(old, &picture, changed);
        let next = Self::new(picture);
        let after = |old: &Prepared, unpainted: Option<&[Arc<Planes>]>| {
            let planes = old.planes.iter().enumerate().map(|(channel, planes)| {
                let unpainted = unpainted.and_then(|planes| planes.get(channel)).cloned();
                Arc::new(planes.after(&next.picture, &changed, unpainted))
            });
            Prepared {
                channels: old.channels,
                strip: old.strip,
                painted: old.painted.clone(),
                planes: planes.collect(),
            }
        };
        // In this order, so that what the painted ones are made of is among the unpainted.
        let painted = lock(&previous.painted);
        let unpainted = lock(&previous.unpainted);
        let unpainted: Vec<_> = unpainted.iter().map(|old| after(old, None)).collect();
        let painted = painted.iter().filter_map(|old| {
            let below = Prepared::find(&unpainted, old.channels, old.strip, &[])?;
            Some(after(old, Some(&below)))
        });
        let painted = painted.collect();
        let answers = lock(&previous.answers);
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
            unpainted: Mutex::new(unpainted),
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

    /// Some columns of the frame's channels.
    pub(crate) fn planes(&self, channels: Channels, strip: Strip) -> Vec<Arc<Planes>> {
        let mut unpainted = lock(&self.unpainted);
        if let Some(planes) = Prepared::find(&unpainted, channels, strip, &[]) {
            return planes;
        }
        let planes = Channel::of(channels).iter();
        let planes = planes.map(|&channel| Arc::new(Planes::new(&self.picture, channel, strip)));
        let planes: Vec<_> = planes.collect();
        unpainted.push(Prepared {
            channels,
            strip,
            painted: Vec::new(),
            planes: planes.clone(),
        });
        planes
    }

    /// Some columns of the frame's channels with these rectangles, which lie on it, painted.
    pub(crate) fn painted_planes(
        &self,
        channels: Channels,
        strip: Strip,
        rects: &[Rect],
    ) -> Vec<Arc<Planes>> {
        let mut painted = lock(&self.painted);
        if let Some(planes) = Prepared::find(&painted, channels, strip, rects) {
            return planes;
        }
        let unpainted = self.planes(channels, strip);
        let planes = unpainted.iter();
        let planes: Vec<_> = planes
            .map(|planes| Arc::new(Planes::painted(planes, rects)))
            .collect();
        if painted.len() == MOST_PAINTED {
            painted.remove(0);
        }
        painted.push(Prepared {
            channels,
            strip,
            painted: rects.to_vec(),
            planes: planes.clone(),
        });
        planes
    }

    /// Returns what is known of a template on this frame from an earlier search that began at the same
    /// place and had no lower bound.
    pub(crate) fn known(&self, template: u64, question: &Question) -> Option<Known> {
        let mut answers = lock(&self.answers);
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
    /// `size` is the template's. Exclude areas hide pixels from the search, so it may have seen less
    /// than what is noted here.
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
        let mut answers = lock(&self.answers);
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

/// What these locks guard is whole at every moment, also where a thread has panicked.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

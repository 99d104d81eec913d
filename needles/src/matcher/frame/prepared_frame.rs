//! A frame with everything that searches have computed for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::channel::Channel;
use super::difference::difference;
use super::planes::Planes;
use super::strip::Strip;
use crate::matcher::request::{Fit, KnownAnswer, SearchRequest};
use crate::matcher::settled::{Counts, Settled};
use crate::needle::Channels;
use crate::picture::Picture;
use crate::rect::{Point, Rect};

/// Number of painted copies that a frame keeps. More sets of exclude areas are rarely searched at the same time.
const MOST_PAINTED: usize = 16;

/// An answer that no search has used for so many frames is dropped: nothing waits for its needle any more.
const FORGOTTEN: u32 = 100;

/// A frame with the data that searches need (gray, blur and so on). The data is computed once, on first use.
///
/// Make one for each frame and share it between all searches, also between threads.
#[derive(Debug)]
pub struct PreparedFrame {
    picture: Picture,
    unpainted: Mutex<Vec<Prepared>>,
    painted: Mutex<Vec<Prepared>>,
    answers: Mutex<HashMap<(u64, Point), Answer>>,
    settled: Counts,
}

/// The result of a search on this frame. A loop that waits asks again with another margin, and only new places are
/// searched.
#[derive(Debug)]
struct Answer {
    places: Rect,
    bound: u64,
    fit: Option<Fit>,
    /// The pixels that the answer depends on.
    seen: Rect,
    /// Number of frames since the answer was last used.
    age: u32,
}

/// Some columns of the frame, with these exclude areas painted.
#[derive(Debug)]
struct Prepared {
    channels: Channels,
    strip: Strip,
    painted: Vec<Rect>,
    planes: Vec<Arc<Planes>>,
}

impl Prepared {
    /// Returns the planes with these channels, columns and paint.
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
    /// Makes a frame. Computes nothing yet.
    pub fn new(picture: Picture) -> Self {
        Self {
            picture,
            unpainted: Mutex::default(),
            painted: Mutex::default(),
            answers: Mutex::default(),
            settled: Counts::default(),
        }
    }

    /// Makes the next frame of the same screen. Takes over what is equal in both: computed data, and answers that
    /// depend on unchanged pixels only. Nothing differs outside `changed`; without it, the whole pictures are compared.
    ///
    /// Searches on it give exactly the same results as on a frame made with [`PreparedFrame::new`].
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
        // In this order, so that the unpainted planes that painted ones need are there.
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
        let answers = answers.map(|(request, answer)| {
            let age = answer.age + 1;
            (*request, Answer { age, ..*answer })
        });
        let answers = answers.collect();
        Self {
            unpainted: Mutex::new(unpainted),
            painted: Mutex::new(painted),
            answers: Mutex::new(answers),
            ..next
        }
    }

    /// Returns the picture of the frame.
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// Returns for each stage the number of searches on this frame that it decided.
    pub fn settled(&self) -> [(Settled, u64); Settled::ALL.len()] {
        self.settled.all()
    }

    /// Counts a search.
    pub(crate) fn count(&self, settled: Settled) {
        self.settled.add(settled);
    }

    /// Returns the planes of some columns.
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

    /// Returns the planes of some columns with these rectangles painted. The rectangles lie on the frame.
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

    /// Returns the answer of an earlier search for a template that began at the same place and had at least the same
    /// bound.
    pub(crate) fn known(&self, template: u64, request: &SearchRequest) -> Option<KnownAnswer> {
        let mut answers = lock(&self.answers);
        let answer = answers.get_mut(&(template, request.start))?;
        answer.age = 0;
        let fits =
            answer.fit.is_some_and(|fit| fit.ssd <= request.bound) || answer.bound >= request.bound;
        // A fit outside the requested places says nothing about these.
        let inside = |fit: &Fit| {
            request
                .places
                .intersection(&Rect::new(fit.place.x, fit.place.y, 1, 1))
                .is_some()
        };
        (fits && answer.fit.as_ref().is_none_or(inside)).then_some(KnownAnswer {
            places: answer.places,
            fit: answer.fit,
        })
    }

    /// Keeps the result of a search.
    ///
    /// `size` is that of the template. The noted pixels may be more than the search used, because exclude areas hide
    /// some.
    pub(crate) fn learn(
        &self,
        (template, size): (u64, (u32, u32)),
        request: &SearchRequest,
        fit: Option<Fit>,
    ) {
        // A perfect fit at the recorded place is the answer, whatever else is on the frame.
        let is_perfect = fit.is_some_and(|fit| fit.ssd == 0 && fit.place == request.start);
        let places = if is_perfect {
            Rect::new(request.start.x, request.start.y, 1, 1)
        } else {
            request.places
        };
        // The blur reads one pixel further.
        let seen = Rect::new(
            places.x - 1,
            places.y - 1,
            places.width + size.0 + 1,
            places.height + size.1 + 1,
        );
        let mut answers = lock(&self.answers);
        let answer = Answer {
            places: request.places,
            bound: request.bound,
            fit,
            seen,
            age: 0,
        };
        answers.insert((template, request.start), answer);
    }
}

/// The data behind these locks is valid at every moment, even after a thread has panicked.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

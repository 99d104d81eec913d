//! The looks at a VNC screen: what was asked for, what has come, and who waits for a picture.
//!
//! One look is under way at a time. A call that comes meanwhile waits for the next one, so that each picture was asked
//! for after its call began. Knows no connection and no clock: it is told what came and when, and says what to ask.

#[cfg(test)]
mod tests;

use std::{mem, time::Duration};

use tokio::{sync::oneshot, time::Instant};
use vnc::{Rect, VncEvent};

use super::{
    canvas::{Area, Canvas},
    fault::{lost, not_understood, quoted, silent},
};
use crate::board::BoardFault;

/// The longest silence of a server before a caller hears of it, and the request is made again.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The longest time of a call while the server sends something.
const LONGEST: Duration = Duration::from_secs(20);

/// The silence of a server that was asked, after which the connection is given up.
const GIVEN_UP: Duration = Duration::from_secs(30);

/// The time between two looks at the clock while a look is under way.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// The silence after a new size, after which the request of before was dropped.
const DROPPED: Duration = Duration::from_millis(250);

/// The time without any message after which a server that was asked is woken up.
const DROWSY: Duration = Duration::from_millis(50);

/// The shortest silence after which no answer to an older request comes any more.
const QUIET: Duration = Duration::from_millis(150);

/// The largest number of requests that are thought to be unanswered.
const MOST_UNANSWERED: u8 = 3;

/// The receiver of a picture, or of the reason why there is none.
pub(super) type Answer = oneshot::Sender<Result<Shot, BoardFault>>;

/// A whole picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shot {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) rgb: Vec<u8>,
}

/// The messages for the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// A request for the whole screen.
    Whole,
    /// A message that changes nothing, which wakes up a server that looks at its screen seldom.
    Nothing,
}

/// The looks of one connection.
pub(super) struct Looks {
    source: String,
    canvas: Canvas,
    under_way: Option<Look>,
    /// Those who wait for the look under way, since when.
    waiting: Vec<(Answer, Instant)>,
    /// Those who wait for the next look.
    later: Vec<(Answer, Instant)>,
    /// The time of the last message of the server.
    heard: Instant,
    /// The number of older requests that may still be answered. Such an answer looks like one to a new request.
    unanswered: u8,
    /// The time that the last answer took.
    answer_took: Duration,
    has_finished: bool,
}

/// One look at the screen.
struct Look {
    begun: Instant,
    /// The time of the last request for it.
    asked: Instant,
    /// The number of times that each pixel must still come.
    coverings: u8,
    was_resized: bool,
    /// The server said something since, or was woken up.
    is_awake: bool,
}

impl Looks {
    /// Returns the looks of a connection that has just asked for its first whole screen.
    pub(super) fn new(source: String, (width, height): (u16, u16), now: Instant) -> Self {
        Self {
            source,
            canvas: Canvas::new(width, height),
            under_way: Some(Look::new(now, 1)),
            waiting: Vec::new(),
            later: Vec::new(),
            heard: now,
            unanswered: 0,
            answer_took: Duration::ZERO,
            has_finished: false,
        }
    }

    /// Returns the width and the height of the screen.
    pub(super) fn screen(&self) -> (usize, usize) {
        (self.canvas.width(), self.canvas.height())
    }

    /// Returns true while a look is under way: then [`tick`](Self::tick) must be called each [`TICK`].
    pub(super) fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// Returns true if there ever was a whole picture.
    pub(super) fn has_finished(&self) -> bool {
        self.has_finished
    }

    /// Somebody wants a picture.
    #[must_use]
    pub(super) fn wish(&mut self, answer: Answer, now: Instant) -> Option<Ask> {
        self.later.push((answer, now));
        if self.under_way.is_some() {
            return None;
        }
        Some(self.begin(now))
    }

    /// The server sent something.
    pub(super) fn came(
        &mut self,
        event: VncEvent,
        now: Instant,
    ) -> Result<Option<Ask>, BoardFault> {
        self.heard = now;
        if let Some(look) = &mut self.under_way {
            look.is_awake = true;
        }
        match event {
            VncEvent::SetResolution(screen) => {
                self.canvas = Canvas::new(screen.width, screen.height);
                if let Some(look) = &mut self.under_way {
                    // The request was for the old size. Servers either answer it with the new one, or drop it.
                    look.was_resized = true;
                    look.asked = now;
                }
                Ok(None)
            }
            VncEvent::RawImage(rect, pixels) => {
                self.canvas.paint(area(rect), &pixels).map_err(|_| {
                    not_understood(&self.source, "sent pixels that are not on its screen")
                })?;
                Ok(self.covered(now))
            }
            VncEvent::Error(words) => {
                let words = format!("sent what was not understood: {}", quoted(&words));
                Err(not_understood(&self.source, &words))
            }
            // Bells, clipboards. What was not asked for, as cursors, is an error of the crate already.
            _ => Ok(None),
        }
    }

    /// Time has gone by.
    pub(super) fn tick(&mut self, now: Instant) -> Result<Option<Ask>, BoardFault> {
        self.refuse_the_patient(now);
        let Some(look) = &mut self.under_way else {
            return Ok(None);
        };
        let silence = now.saturating_duration_since(self.heard.max(look.begun));
        if silence >= GIVEN_UP {
            return Err(silent(&self.source, GIVEN_UP.as_secs()));
        }
        let since_asked = now.saturating_duration_since(look.asked.max(self.heard));
        let is_dropped = look.was_resized && since_asked >= DROPPED;
        if is_dropped || since_asked >= PATIENCE {
            look.asked = now;
            look.was_resized = false;
            self.unanswered = (self.unanswered + 1).min(MOST_UNANSWERED);
            return Ok(Some(Ask::Whole));
        }
        let age = now.saturating_duration_since(look.begun);
        if !look.is_awake && age >= DROWSY {
            look.is_awake = true;
            return Ok(Some(Ask::Nothing));
        }
        Ok(None)
    }

    /// Tells everybody who waits that there is no picture.
    pub(super) fn refuse_all(&mut self, fault: &BoardFault) {
        for (answer, _) in self.waiting.drain(..).chain(self.later.drain(..)) {
            // The caller may have gone.
            let _ = answer.send(Err(fault.clone()));
        }
    }

    fn begin(&mut self, now: Instant) -> Ask {
        if now.saturating_duration_since(self.heard) >= QUIET.max(2 * self.answer_took) {
            self.unanswered = 0;
        }
        self.canvas.uncover();
        self.waiting.append(&mut self.later);
        self.under_way = Some(Look::new(now, 1 + self.unanswered));
        Ask::Whole
    }

    fn covered(&mut self, now: Instant) -> Option<Ask> {
        let look = self.under_way.as_mut()?;
        if !self.canvas.is_covered() {
            return None;
        }
        look.coverings -= 1;
        self.answer_took = now.saturating_duration_since(look.asked);
        if look.coverings > 0 {
            // It may have been the answer to an older request. The next one cannot be older than this look.
            look.asked = now;
            self.canvas.uncover();
            return Some(Ask::Whole);
        }
        self.under_way = None;
        self.has_finished = true;
        self.give();
        // Those whose callers have gone.
        self.later.retain(|(answer, _)| !answer.is_closed());
        (!self.later.is_empty()).then(|| self.begin(now))
    }

    fn give(&mut self) {
        let shot = || Shot {
            width: u32::try_from(self.canvas.width()).unwrap_or(u32::MAX),
            height: u32::try_from(self.canvas.height()).unwrap_or(u32::MAX),
            rgb: self.canvas.rgb().to_vec(),
        };
        for (answer, _) in mem::take(&mut self.waiting) {
            if !answer.is_closed() {
                let _ = answer.send(Ok(shot()));
            }
        }
    }

    /// Tells those who have waited long enough.
    fn refuse_the_patient(&mut self, now: Instant) {
        let silence = now.saturating_duration_since(self.heard);
        let source = &self.source;
        for list in [&mut self.waiting, &mut self.later] {
            for (answer, since) in mem::take(list) {
                let waited = now.saturating_duration_since(since);
                if waited >= LONGEST {
                    let words = format!("it sent no whole picture within {} s", LONGEST.as_secs());
                    let _ = answer.send(Err(lost(source, &words)));
                } else if waited.min(silence) >= PATIENCE {
                    let _ = answer.send(Err(silent(source, PATIENCE.as_secs())));
                } else {
                    list.push((answer, since));
                }
            }
        }
    }
}

impl Look {
    fn new(begun: Instant, coverings: u8) -> Self {
        Self {
            begun,
            asked: begun,
            coverings,
            was_resized: false,
            is_awake: false,
        }
    }
}

fn area(rect: Rect) -> Area {
    Area {
        x: rect.x,
        y: rect.y,
        width: rect.width,
        height: rect.height,
    }
}

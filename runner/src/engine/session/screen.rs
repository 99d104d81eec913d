//! The screen of a session: what it shows now, what it showed last, and what is news of it.

use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

use needles::{Picture, PreparedFrame, Rect};
use reports::CauseKind;
use tokio::sync::watch;
use vm::{CaptureError, Frame, Placeholder, ScreenState};

use super::Session;
use crate::engine::stop::Stop;

/// The number of times that a QEMU is asked for a picture while it answers everything else.
const CAPTURES: u32 = 3;

/// A frame that searches share.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Shown {
    /// Its number on this machine.
    pub generation: u64,
    /// When it was captured: the first time that the screen showed this.
    pub captured: Instant,
    /// The frame, with what searches compute of it.
    pub frame: Arc<PreparedFrame>,
}

impl Shown {
    /// Width and height in pixels.
    pub(in crate::engine) fn size(&self) -> (u32, u32) {
        let picture = self.frame.picture();
        (picture.width(), picture.height())
    }
}

/// What was judged of the screen last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judged {
    /// Nothing yet.
    Nothing,
    /// The frame of this generation.
    Frame(u64),
    /// That there is no picture of it.
    Off,
}

impl Judged {
    pub(super) fn of(state: &ScreenState) -> Self {
        match state {
            ScreenState::Starting => Self::Nothing,
            ScreenState::Shown(frame) => Self::Frame(frame.generation),
            ScreenState::Unavailable { .. } => Self::Off,
        }
    }
}

impl Session {
    /// Notes the screen as it is before an input.
    pub(in crate::engine) fn note_input(&mut self) {
        let newest = self.newest();
        self.frame_before_input = newest.as_ref().map(|shown| shown.generation);
        self.first_change = None;
        self.before_input = newest.map(|shown| shown.frame.picture().clone());
        self.begin_deed();
    }

    /// Something is done to the machine now: what the screen shows from here on is its effect.
    pub(in crate::engine) fn begin_deed(&mut self) {
        let now = Instant::now();
        self.deed = Some((now, now));
    }

    /// It is done: the last key is up, say.
    pub(in crate::engine) fn end_deed(&mut self) {
        if let Some((_, ended)) = &mut self.deed {
            *ended = Instant::now();
        }
    }

    /// Returns the time from the last action to this picture: zero where the action was not even done; none where the
    /// picture was there before.
    pub(in crate::engine) fn since_deed(&self, shown: &Shown) -> Option<Duration> {
        let (began, ended) = self.deed?;
        let after = shown.captured.saturating_duration_since(ended);
        (shown.captured >= began).then_some(after)
    }

    /// The number of the frame before the last input.
    pub(in crate::engine) fn frame_before_input(&self) -> Option<u64> {
        self.frame_before_input
    }

    /// The first frame that the screen showed instead after the last input, and how long after it.
    pub(in crate::engine) fn first_change(&self) -> Option<(u64, Duration)> {
        self.first_change
    }

    /// The screen before the last input.
    pub(in crate::engine) fn before_input(&self) -> Option<&Picture> {
        self.before_input.as_ref()
    }

    /// Returns the picture of the screen now; none while it cannot be captured. An older picture is no answer then: a
    /// guest that switches its display off, or to another mode, comes back with another picture.
    pub(in crate::engine) fn showing(&mut self) -> Option<Shown> {
        let is_shown = matches!(*self.screen.borrow(), ScreenState::Shown(_));
        is_shown.then(|| self.newest())?
    }

    /// The newest frame there is, also where the screen cannot be captured any more: evidence.
    pub(in crate::engine) fn newest(&mut self) -> Option<Shown> {
        let frame = self.screen.borrow().frame().cloned()?;
        self.share(&frame)
    }

    /// Why there is no picture of the screen now, in words.
    pub(in crate::engine) fn why_dark(&self) -> String {
        match &*self.screen.borrow() {
            ScreenState::Unavailable { reason, .. } => reason.to_string(),
            ScreenState::Starting | ScreenState::Shown(_) => "the screen is dark".to_owned(),
        }
    }

    /// Returns what may be done about a screen without a picture.
    pub(in crate::engine) fn dark_hint(&self) -> &'static str {
        match &*self.screen.borrow() {
            ScreenState::Unavailable {
                reason: CaptureError::Placeholder(Placeholder::NotInitialized),
                ..
            } => {
                "the guest may have no driver for the display, or may not have come so far: `serial0.log` shows what \
                it did"
            }
            ScreenState::Unavailable { .. } | ScreenState::Starting | ScreenState::Shown(_) => {
                "the guest may have switched its display off"
            }
        }
    }

    /// A frame that was captured after this call, so after everything that was typed or clicked before; none while the
    /// screen cannot be captured, which is a matter of time.
    ///
    /// # Errors
    /// The machine is over, or has no screen.
    pub(in crate::engine) async fn fresh(&mut self) -> Result<Option<Shown>, Stop> {
        self.check_over()?;
        let screen = self.machine.screen().clone();
        let starvation = self.machine.starvation().clone();
        let mut cancel = self.cancel.clone();
        let mut tries = 0;
        let captured = loop {
            let captured = tokio::select! {
                captured = screen.now() => captured,
                lost = starvation.lost() => return Err(self.lose(lost)),
                () = cancel.requested() => return Err(Stop::cancelled()),
            };
            tries += 1;
            // A QEMU that was stopped meanwhile makes one when it goes on.
            if !matches!(captured, Err(vm::CaptureError::TimedOut { .. })) || tries >= CAPTURES {
                break captured;
            }
            tokio::select! {
                () = starvation.proven(Instant::now()) => {}
                lost = starvation.lost() => return Err(self.lose(lost)),
                () = cancel.requested() => return Err(Stop::cancelled()),
            }
        };
        match captured {
            Ok(frame) => Ok(self.share(&frame)),
            Err(CaptureError::Lacking(lack)) => Err(Stop::missing(lack.to_string())),
            Err(
                CaptureError::Refused { .. }
                | CaptureError::Placeholder(_)
                | CaptureError::Unreadable { .. },
            ) => {
                // Whatever comes next is news, also the same picture as before.
                self.judged = Judged::Off;
                Ok(None)
            }
            Err(CaptureError::TimedOut { seconds }) => {
                self.drain_events(super::GRACE).await?;
                Err(Stop::error(
                    CauseKind::Harness,
                    format!("QEMU did not make a picture of the screen within {seconds} s"),
                )
                .hint("the host may be overloaded; `qmp.log` shows what QEMU was asked"))
            }
            Err(CaptureError::Gone) => {
                // The end of the process explains it; the event may still be on its way.
                self.drain_events(super::LONG_GRACE).await?;
                Err(Stop::error(
                    CauseKind::MachineExited,
                    "the machine has ended",
                ))
            }
        }
    }

    /// A frame for searches, which take over from the one before what both have in common.
    fn share(&mut self, frame: &Frame) -> Option<Shown> {
        let is_known = self
            .shown
            .as_ref()
            .is_some_and(|shown| shown.generation == frame.generation);
        if !is_known {
            self.shown = prepare(frame, self.shown.as_ref());
            let began = self.deed.map(|(began, _)| began);
            // The first picture of all is no change: what was there before the input was never seen.
            if self.frame_before_input.is_some()
                && self.first_change.is_none()
                && let Some(after) =
                    began.and_then(|began| frame.captured.checked_duration_since(began))
            {
                self.first_change = Some((frame.generation, after));
            }
        }
        self.shown.clone()
    }
}

fn prepare(frame: &Frame, before: Option<&Shown>) -> Option<Shown> {
    let picture = Picture::from_shared(frame.width, frame.height, Arc::clone(&frame.rgb)).ok()?;
    let prepared = match before {
        None => PreparedFrame::new(picture),
        Some(before) => {
            // What the machine calls changed is so since the frame just before.
            let follows = before.generation + 1 == frame.generation;
            let changed = frame.changed.filter(|_| follows).and_then(|changed| {
                let x = i32::try_from(changed.x).ok()?;
                let y = i32::try_from(changed.y).ok()?;
                Some(Rect::new(x, y, changed.width, changed.height))
            });
            PreparedFrame::after(&before.frame, picture, changed)
        }
    };
    Some(Shown {
        generation: frame.generation,
        captured: frame.captured,
        frame: Arc::new(prepared),
    })
}

/// Waits until there is something of the screen that was not judged: another frame, or that it cannot be captured.
pub(super) async fn unjudged(screen: &mut watch::Receiver<ScreenState>, judged: Judged) {
    loop {
        let now = Judged::of(&screen.borrow_and_update());
        if now != Judged::Nothing && now != judged {
            return;
        }
        if screen.changed().await.is_err() {
            // The machine has ended: its events say so.
            return std::future::pending().await;
        }
    }
}

//! The screen of a session: its frame now, its last frame, and the changes since the last input.

use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

use needles::{Picture, PreparedFrame, Rect};
use reports::CauseKind;
use tokio::sync::watch;
use vm::{CaptureError, Frame, Placeholder, ScreenState};

use super::Session;
use crate::engine::screen_frame::ScreenFrame;
use crate::engine::stop::Stop;

/// The number of times that QEMU is asked for a picture if only that request times out.
const CAPTURES: u32 = 3;

/// The state of the screen that was judged last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judged {
    /// Nothing yet.
    Nothing,
    /// The frame of this generation.
    Frame(u64),
    /// A screen without a picture.
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
    /// Notes the screen before an input, and the begin of that action. A machine that was just started or restored has
    /// no picture yet: one is captured, because a later picture may show the effect of the input already.
    pub(in crate::engine) async fn note_input(&mut self) {
        let newest = match self.newest() {
            Some(newest) => Some(newest),
            // Without a screen there is nothing to compare. Why there is none, the input or the next look tells.
            None => self.fresh().await.ok().flatten(),
        };
        self.frame_before_input = newest.as_ref().map(|shown| shown.generation);
        self.first_change = None;
        self.before_input = newest.map(|shown| shown.frame.picture().clone());
        self.begin_action();
    }

    /// Notes that an action on the machine begins now. Frames from here on may show its effect.
    pub(in crate::engine) fn begin_action(&mut self) {
        let now = Instant::now();
        self.action = Some((now, now));
    }

    /// Notes that the action is done, for example that the last key was released.
    pub(in crate::engine) fn end_action(&mut self) {
        if let Some((_, ended)) = &mut self.action {
            *ended = Instant::now();
        }
    }

    /// Returns the time from the end of the last action to this frame; zero if the frame came during the action, none
    /// if it came before.
    pub(in crate::engine) fn since_action(&self, shown: &ScreenFrame) -> Option<Duration> {
        let (began, ended) = self.action?;
        let after = shown.captured.saturating_duration_since(ended);
        (shown.captured >= began).then_some(after)
    }

    /// Returns the number of the frame before the last input.
    pub(in crate::engine) fn frame_before_input(&self) -> Option<u64> {
        self.frame_before_input
    }

    /// Returns the number of the first different frame after the last input, and the time from the input to it.
    pub(in crate::engine) fn first_change(&self) -> Option<(u64, Duration)> {
        self.first_change
    }

    /// Returns the screen before the last input.
    pub(in crate::engine) fn before_input(&self) -> Option<&Picture> {
        self.before_input.as_ref()
    }

    /// Returns the frame of the screen now; none while it cannot be captured. An older frame would be wrong then,
    /// because a guest that switches its display off or to another mode comes back with another picture.
    pub(in crate::engine) fn showing(&mut self) -> Option<ScreenFrame> {
        let is_shown = matches!(*self.screen.borrow(), ScreenState::Shown(_));
        is_shown.then(|| self.newest())?
    }

    /// Returns the newest frame, even if the screen cannot be captured any more. For evidence.
    pub(in crate::engine) fn newest(&mut self) -> Option<ScreenFrame> {
        let frame = self.screen.borrow().frame().cloned()?;
        self.share(&frame)
    }

    /// Returns the reason why there is no picture of the screen now, for people.
    pub(in crate::engine) fn why_dark(&self) -> String {
        match &*self.screen.borrow() {
            ScreenState::Unavailable { reason, .. } => reason.to_string(),
            ScreenState::Starting | ScreenState::Shown(_) => "the screen is dark".to_owned(),
        }
    }

    /// Completes the failure of a step that had no picture to look at: adds a hint on what to do. If the source of the
    /// pictures is broken, the failure becomes an error, because nothing shows what the guest did.
    pub(in crate::engine) fn in_the_dark(&self, stop: Stop) -> Stop {
        let state = self.screen.borrow();
        let ScreenState::Unavailable {
            reason: CaptureError::Broken { advice, .. },
            ..
        } = &*state
        else {
            return stop.hint(self.dark_hint());
        };
        let advice = advice.as_deref();
        stop.unobserved()
            .hint(advice.unwrap_or("look at the source of the pictures, and run again"))
    }

    fn dark_hint(&self) -> &'static str {
        match &*self.screen.borrow() {
            ScreenState::Unavailable {
                reason: CaptureError::Placeholder(Placeholder::NotInitialized),
                ..
            } => {
                "the guest may have no driver for the display, or may not have started that far: `serial0.log` shows \
                what it did"
            }
            ScreenState::Unavailable { .. } if self.machine.facts().qemu().is_none() => {
                "the board may have switched its display off, or not have started that far: `serial0.log` shows what \
                it did"
            }
            ScreenState::Unavailable { .. } | ScreenState::Starting | ScreenState::Shown(_) => {
                "the guest may have switched its display off"
            }
        }
    }

    /// Captures a frame now, so after everything that was typed or clicked before. Returns none while the screen cannot
    /// be captured.
    ///
    /// # Errors
    /// The machine has ended, QEMU makes no picture, the machine has no screen, or the user stopped the run.
    pub(in crate::engine) async fn fresh(&mut self) -> Result<Option<ScreenFrame>, Stop> {
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
            // A QEMU that was stopped meanwhile makes a picture when it runs again.
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
                | CaptureError::Broken { .. }
                | CaptureError::Placeholder(_)
                | CaptureError::Unreadable { .. },
            ) => {
                // The next picture must be judged, even if it is the same as before.
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

    /// Prepares a frame for searches. Results of the frame before are reused where both are equal.
    fn share(&mut self, frame: &Frame) -> Option<ScreenFrame> {
        let is_known = self
            .shown
            .as_ref()
            .is_some_and(|shown| shown.generation == frame.generation);
        if !is_known {
            self.shown = prepare(frame, self.shown.as_ref());
            let began = self.action.map(|(began, _)| began);
            // The first picture of a machine is no change, because the screen before it is unknown.
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

fn prepare(frame: &Frame, before: Option<&ScreenFrame>) -> Option<ScreenFrame> {
    let picture = Picture::from_shared(frame.width, frame.height, Arc::clone(&frame.rgb)).ok()?;
    let prepared = match before {
        None => PreparedFrame::new(picture),
        Some(before) => {
            // The machine reports the changed rectangle relative to the frame just before.
            let follows = before.generation + 1 == frame.generation;
            let changed = frame.changed.filter(|_| follows).and_then(|changed| {
                let x = i32::try_from(changed.x).ok()?;
                let y = i32::try_from(changed.y).ok()?;
                Some(Rect::new(x, y, changed.width, changed.height))
            });
            PreparedFrame::after(&before.frame, picture, changed)
        }
    };
    Some(ScreenFrame {
        generation: frame.generation,
        captured: frame.captured,
        frame: Arc::new(prepared),
    })
}

/// Waits until the screen has a state that was not judged: another frame, or no picture.
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

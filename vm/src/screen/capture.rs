//! The task that captures the screen, and publishes the frames that differ.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Notify, mpsc, oneshot, watch},
    time::{Instant, sleep_until},
};

use super::{
    CaptureError, Frame, Screen, ScreenState,
    change::changed_area,
    pacing::interval,
    source::{Picture, PictureSource, Taken},
};

/// Tells the capture task that an input was sent that the screen may show.
#[derive(Debug, Clone, Default)]
pub(crate) struct ScreenNudge(Arc<Notify>);

impl ScreenNudge {
    pub(crate) fn nudge(&self) {
        self.0.notify_one();
    }
}

/// The task behind a [`Screen`].
#[derive(Debug)]
pub(crate) struct CaptureTask<S> {
    source: S,
    nudge: ScreenNudge,
    requests: mpsc::Receiver<FrameRequest>,
    state: watch::Sender<ScreenState>,
    checked: watch::Sender<Option<Instant>>,
    generations: Arc<AtomicU64>,
}

/// A request for a frame captured after it.
pub(super) type FrameRequest = oneshot::Sender<Result<Frame, CaptureError>>;

impl<S: PictureSource> CaptureTask<S> {
    /// Starts to capture. Ends with the source, when it reports that the machine is [gone](CaptureError::Gone).
    /// `generations` continues over restarts of a machine.
    pub(crate) fn start(source: S, nudge: ScreenNudge, generations: Arc<AtomicU64>) -> Screen {
        let (requests, queue) = mpsc::channel(16);
        let (state, state_seen) = watch::channel(ScreenState::Starting);
        let (checked, checked_seen) = watch::channel(None);
        let task = Self {
            source,
            nudge,
            requests: queue,
            state,
            checked,
            generations,
        };
        tokio::spawn(task.run());
        Screen::new(state_seen, checked_seen, requests)
    }

    async fn run(mut self) {
        let (mut input, mut change) = (Instant::now(), Instant::now());
        let mut next = input;
        let mut waiting: Vec<FrameRequest> = Vec::new();
        loop {
            tokio::select! {
                // A request that came before a capture begins is answered by it.
                request = self.requests.recv() => match request {
                    Some(request) => waiting.push(request),
                    // Every handle was dropped.
                    None => return,
                },
                () = self.nudge.0.notified() => {
                    input = Instant::now();
                    next = next.min(input + interval(Duration::ZERO, Duration::ZERO));
                    continue;
                }
                () = sleep_until(next) => {}
            }
            while let Ok(request) = self.requests.try_recv() {
                waiting.push(request);
            }
            let begun = Instant::now();
            let captured = self.capture(begun).await;
            if matches!(captured, Ok((_, Novelty::New))) {
                change = Instant::now();
            }
            let captured = captured.map(|(frame, _)| frame);
            // Before any request is answered: after an error, the state must not show the picture from before.
            match &captured {
                Ok(_) | Err(CaptureError::Gone) => {}
                Err(reason) => self.fail(reason.clone()),
            }
            for request in waiting.drain(..) {
                // The caller may have gone.
                let _ = request.send(captured.clone());
            }
            if matches!(captured, Err(CaptureError::Gone)) {
                return;
            }
            next = begun
                + interval(
                    begun.saturating_duration_since(input),
                    begun.saturating_duration_since(change),
                );
        }
    }

    async fn capture(&mut self, begun: Instant) -> Result<(Frame, Novelty), CaptureError> {
        let last = self.state.borrow().frame().cloned();
        let taken = self.source.take(last.as_ref()).await;
        if let Ok(_) | Err(CaptureError::Placeholder(_)) = &taken {
            self.checked.send_replace(Some(begun));
        }
        match (taken?, last) {
            (Taken::Same, Some(last)) => Ok((again(&self.state, begun, last), Novelty::Known)),
            (Taken::Picture(picture), _) => {
                Ok(publish(&self.state, &self.generations, begun, picture))
            }
            // A source that reports so without a frame before is wrong.
            (Taken::Same, None) => Err(CaptureError::Unreadable {
                reason: "nothing changed, and there was no picture before".to_owned(),
            }),
        }
    }

    fn fail(&self, reason: CaptureError) {
        self.state.send_if_modified(|state| {
            let known = matches!(state, ScreenState::Unavailable { reason: before, .. } if *before == reason);
            if !known {
                *state = ScreenState::Unavailable {
                    last: state.frame().cloned(),
                    reason,
                };
            }
            !known
        });
    }
}

/// Publishes a picture if it differs from the newest frame.
fn publish(
    state: &watch::Sender<ScreenState>,
    generations: &AtomicU64,
    begun: Instant,
    picture: Picture<'_>,
) -> (Frame, Novelty) {
    let Picture { width, height, rgb } = picture;
    let mut changed = None;
    let current = state.borrow().clone();
    if let Some(last) = current.frame()
        && (last.width, last.height) == (width, height)
    {
        changed = changed_area(&last.rgb, rgb, width);
        if changed.is_none() {
            return (again(state, begun, last.clone()), Novelty::Known);
        }
    }
    let frame = Frame {
        generation: generations.fetch_add(1, Ordering::Relaxed) + 1,
        captured: begun,
        width,
        height,
        rgb: rgb.into(),
        changed,
    };
    state.send_replace(ScreenState::Shown(frame.clone()));
    (frame, Novelty::New)
}

/// The screen still shows the newest frame.
fn again(state: &watch::Sender<ScreenState>, begun: Instant, last: Frame) -> Frame {
    let unavailable = matches!(*state.borrow(), ScreenState::Unavailable { .. });
    if unavailable {
        state.send_replace(ScreenState::Shown(last.clone()));
    }
    Frame {
        captured: begun,
        ..last
    }
}

/// Tells whether a capture differs from the one before.
#[derive(Debug, PartialEq, Eq)]
enum Novelty {
    New,
    Known,
}

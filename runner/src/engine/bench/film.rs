//! The film of a machine: a picture for each change of its screen, as far as the host keeps up.
//!
//! ```text
//! the screen changes --> the part that differs from the last whole picture, or a whole picture
//!                    --> film/0001.png, and the event `shot`
//! ```
//!
//! A part depends on one whole picture and on nothing else. So shots can be dropped: if the film grows too long, every
//! second one is.

mod reel;

use std::path::Path;
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use vm::ScreenState;

use self::reel::Reel;
use crate::recorder::Recorder;

/// The film keeps a picture for at most one part in this many of the time, so that it takes little from the machine.
const SHARE: u32 = 5;

/// The film of the machines of a bench.
#[derive(Debug)]
pub(super) struct Film {
    /// The film that goes on, or went on until its machine ended.
    rolling: Option<Rolling>,
    /// The pictures until then; none while it goes on.
    reel: Option<Reel>,
}

#[derive(Debug)]
struct Rolling {
    /// Ends the film when it is dropped.
    stop: oneshot::Sender<()>,
    task: JoinHandle<Reel>,
}

impl Film {
    /// Makes a film whose pictures go to `film/` in a folder of the run.
    pub(super) fn new(run: &Path, attempt_folder: &str) -> Self {
        Self {
            rolling: None,
            reel: Some(Reel::new(run, attempt_folder)),
        }
    }

    /// Begins to film the screen of a machine. The film of the machine before has ended.
    pub(super) fn roll(&mut self, screen: watch::Receiver<ScreenState>, recorder: Recorder) {
        let (stop, stopped) = oneshot::channel();
        let (before, reel) = (self.rolling.take(), self.reel.take());
        let task = tokio::spawn(async move {
            let mut reel = match (before, reel) {
                (_, Some(reel)) => reel,
                (Some(before), None) => {
                    drop(before.stop);
                    before.task.await.unwrap_or_default()
                }
                (None, None) => Reel::default(),
            };
            reel.begin();
            roll(reel, screen, recorder, stopped).await
        });
        self.rolling = Some(Rolling { stop, task });
    }

    /// Ends the film with the screen as it is now.
    pub(super) async fn stop(&mut self) {
        if let Some(Rolling { stop, task }) = self.rolling.take() {
            drop(stop);
            self.reel = Some(task.await.unwrap_or_default());
        }
    }
}

/// Films until it is stopped or the machine ends.
async fn roll(
    mut reel: Reel,
    mut screen: watch::Receiver<ScreenState>,
    recorder: Recorder,
    mut stopped: oneshot::Receiver<()>,
) -> Reel {
    loop {
        let state = screen.borrow_and_update().clone();
        let began = std::time::Instant::now();
        reel.take(&state, &recorder).await;
        let took = began.elapsed() * (SHARE - 1);
        let pause = reel.gap().max(took.min(Duration::from_secs(2)));
        tokio::select! {
            biased;
            _ = &mut stopped => break,
            () = tokio::time::sleep(pause) => {}
        }
        tokio::select! {
            biased;
            _ = &mut stopped => break,
            changed = screen.changed() => if changed.is_err() {
                break;
            }
        }
    }
    let state = screen.borrow().clone();
    reel.take(&state, &recorder).await;
    reel
}

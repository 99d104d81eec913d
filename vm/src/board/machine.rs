//! A board that this process has.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use tokio::{sync::broadcast, task::JoinHandle, time::Instant};

use super::{
    BoardFault, BoardNews,
    gap::Gaps,
    held::Held,
    raw_image::RawImage,
    returns::{self, returned},
    tap::KeepsOpen,
};
use crate::{Ending, MachineEvent, image::ImageFile};

/// The part of a board that no handle has. Dropping it switches the board off and gives it back.
#[derive(Debug)]
pub(crate) struct BoardMachine {
    pub(super) held: Option<Held>,
    pub(super) folder: PathBuf,
    pub(super) generations: Arc<AtomicU64>,
    pub(super) events: broadcast::Sender<MachineEvent>,
    /// The task that watches it.
    pub(super) driver: JoinHandle<()>,
    /// Keeps the serial line open; none if there is none.
    pub(super) line: Option<KeepsOpen>,
    pub(super) gaps: Gaps,
    pub(super) is_over: AtomicBool,
}

impl BoardMachine {
    /// Brings the board into the state that its storage is written in, writes the image, and leaves it off.
    pub(super) async fn prepare(
        &self,
        image: Option<&ImageFile>,
        news: &(impl Fn(BoardNews) + Send + Sync),
    ) -> Result<(), BoardFault> {
        let Some(held) = &self.held else {
            return Ok(());
        };
        held.power.cut().await?;
        let has_state = {
            let _turn = held.power.turn().await;
            held.parts.reach_state(&held.log).await?
        };
        match image {
            Some(image) => {
                news(BoardNews::Writing);
                let begun = std::time::Instant::now();
                let raw = RawImage::of(image, &self.folder).await?;
                let written = {
                    let _turn = held.power.turn().await;
                    held.parts.write(raw.path()).await
                };
                held.log.note("write the image", &written);
                written?;
                news(BoardNews::Written {
                    took: begun.elapsed(),
                });
            }
            None => {
                let _turn = held.power.turn().await;
                held.parts.give_card().await?;
            }
        }
        if has_state {
            held.power.cut().await?;
        }
        Ok(())
    }

    /// Returns why text of the serial line may be missing since a moment. None if it was open all the time.
    pub(crate) fn serial_gap(&self, since: Instant) -> Option<String> {
        self.gaps.line.since(since)
    }

    /// Returns why a power-off may not have been seen since a moment. None if the power was asked all the time, or is
    /// not asked.
    pub(crate) fn power_gap(&self, since: Instant) -> Option<String> {
        self.gaps.power.since(since)
    }

    /// Returns why its log is not complete. None if it is.
    pub(crate) fn lost_log(&self) -> Option<String> {
        self.held.as_ref()?.log.lost()
    }

    /// Cuts the power. The board is still held.
    ///
    /// # Errors
    /// Its switch did not do so.
    pub(crate) async fn cut(&self) -> Result<Ending, BoardFault> {
        if let Some(held) = &self.held {
            held.power.cut().await?;
        }
        let ending = told(None);
        self.tell_end(&ending);
        Ok(ending)
    }

    /// Switches it off and gives it back.
    pub(crate) async fn shutdown(mut self) -> Ending {
        let ending = match self.held.take() {
            Some(held) => told(returned(held).await.err()),
            None => told(None),
        };
        self.tell_end(&ending);
        ending
    }

    fn tell_end(&self, ending: &Ending) {
        self.driver.abort();
        if !self.is_over.swap(true, Ordering::AcqRel) {
            // An error means that nobody listens.
            drop(self.events.send(MachineEvent::Exited {
                ending: ending.clone(),
                expected: true,
            }));
        }
    }
}

impl Drop for BoardMachine {
    fn drop(&mut self) {
        self.driver.abort();
        if let Some(held) = self.held.take() {
            drop(returns::begin(held));
        }
    }
}

/// Returns the end of a board, with the fault that it ended with.
fn told(fault: Option<BoardFault>) -> Ending {
    Ending {
        status: None,
        stderr_tail: fault.map_or_else(String::new, |fault| fault.words),
    }
}

//! The stages whose ends are saved, or will not be.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;
use vm::checkpoint::CheckpointKey;

/// The stages whose ends are saved, or will not be, since this was looked at last.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    stages: Mutex<Vec<CheckpointKey>>,
    news: Notify,
}

impl Settled {
    /// Adds a stage, and wakes up who waits for news.
    pub(super) fn add(&self, key: CheckpointKey) {
        let mut stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        stages.push(key);
        self.news.notify_one();
    }

    /// Returns what was added since the last call.
    pub(super) fn take(&self) -> Vec<CheckpointKey> {
        std::mem::take(&mut *self.stages.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until something was added.
    pub(super) async fn news(&self) {
        self.news.notified().await;
    }
}

//! The stages whose checkpoint question is settled: it was saved, or this run will not save it.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;
use vm::checkpoint::CheckpointKey;

/// A queue of settled stages: their checkpoint was saved, or this run will not save it. Jobs that wait for the
/// checkpoint may start then.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    stages: Mutex<Vec<CheckpointKey>>,
    news: Notify,
}

impl Settled {
    /// Adds a stage, and wakes up the task that waits for [`news`](Self::news).
    pub(super) fn add(&self, key: CheckpointKey) {
        let mut stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        stages.push(key);
        self.news.notify_one();
    }

    /// Returns the stages that were added since the last call.
    pub(super) fn take(&self) -> Vec<CheckpointKey> {
        std::mem::take(&mut *self.stages.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until a stage was added.
    pub(super) async fn news(&self) {
        self.news.notified().await;
    }
}

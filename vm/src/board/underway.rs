//! The tasks that give something back to a lab: a board, a place. This program waits for them before it ends.

use std::sync::LazyLock;

use tokio::{runtime::Handle, sync::watch, task::JoinHandle};

/// The number of such tasks.
static UNDERWAY: LazyLock<watch::Sender<usize>> = LazyLock::new(|| watch::Sender::new(0));

/// Counts one task while it lives.
struct Underway;

impl Underway {
    fn new() -> Self {
        UNDERWAY.send_modify(|count| *count += 1);
        Self
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        UNDERWAY.send_modify(|count| *count = count.saturating_sub(1));
    }
}

/// Waits until each board of this process that was ended is off and given back: seconds as a rule, and minutes if its
/// switch or its lab does not answer. Each part of giving back has its own limit, so that this ends.
pub async fn all_returned() {
    let mut underway = UNDERWAY.subscribe();
    // An error would mean that nobody counts any more.
    drop(underway.wait_for(|count| *count == 0).await);
}

/// Returns true if a task can be started here.
pub(super) fn has_runtime() -> bool {
    Handle::try_current().is_ok()
}

/// Starts a task that [`all_returned`] waits for. The work must have an end. None without a runtime.
pub(super) fn spawn<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Option<JoinHandle<T>> {
    let runtime = Handle::try_current().ok()?;
    let underway = Underway::new();
    Some(runtime.spawn(async move {
        let done = work.await;
        drop(underway);
        done
    }))
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn all_have_returned_when_the_last_task_has_ended_however_it_ends() {
        let (go, wait) = oneshot::channel::<()>();
        let task = spawn(async move {
            wait.await.unwrap();
            panic!("a bug");
        });
        let mut all = std::pin::pin!(all_returned());
        tokio::select! {
            biased;
            () = &mut all => panic!("it has not returned"),
            () = tokio::task::yield_now() => {}
        }
        go.send(()).unwrap();
        all.await;
        assert!(task.unwrap().await.unwrap_err().is_panic());
    }
}

//! Boards on their way back: each is switched off and given back by a task of its own.
//!
//! Whoever ends a board may stop waiting at any time: after Ctrl-C, everything that waits is dropped. The board must be
//! off all the same, so the program waits for [`all_returned`] before it ends.

use std::{sync::LazyLock, time::Duration};

use tokio::{runtime::Handle, sync::watch, task::JoinHandle};

use super::{BoardFault, held::Held};

/// The longest time that giving a board back may take.
const GIVE_BACK: Duration = Duration::from_secs(60);

/// The number of boards that are on their way back.
static UNDERWAY: LazyLock<watch::Sender<usize>> = LazyLock::new(|| watch::Sender::new(0));

/// Counts one board while it lives.
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

/// Waits until each board of this process that was ended is off and given back: at most about a minute.
pub async fn all_returned() {
    let mut underway = UNDERWAY.subscribe();
    let none = underway.wait_for(|count| *count == 0);
    // Each of them has its own limit, so this one only catches what cannot be.
    drop(tokio::time::timeout(GIVE_BACK * 2, none).await);
}

/// Begins to give a board back. None without a runtime: then the process ends anyway, the kernel frees the hold, and
/// `qa board reap` the place.
pub(super) fn begin(held: Held) -> Option<JoinHandle<Result<(), BoardFault>>> {
    let runtime = Handle::try_current().ok()?;
    let underway = Underway::new();
    Some(runtime.spawn(async move {
        let given_back = held.give_back().await;
        drop(underway);
        given_back
    }))
}

/// Gives a board back. Dropping the future does not stop that.
pub(super) async fn returned(held: Held) -> Result<(), BoardFault> {
    match begin(held) {
        // It ends early only with the runtime.
        Some(task) => task.await.unwrap_or(Ok(())),
        None => Ok(()),
    }
}

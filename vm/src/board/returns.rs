//! Boards on their way back: each is switched off and given back by a task of its own.
//!
//! Whoever ends a board may stop waiting at any time: after Ctrl-C, everything that waits is dropped. The board must be
//! off all the same, so the program waits for [`all_returned`] before it ends.

use std::sync::LazyLock;

use tokio::{
    runtime::Handle,
    sync::watch,
    task::{JoinError, JoinHandle},
};

use super::{BoardFault, FaultKind, held::Held};

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

/// Waits until each board of this process that was ended is off and given back: seconds as a rule, and minutes if its
/// switch or its lab does not answer. Each part of giving back has its own limit, so that this ends.
pub async fn all_returned() {
    let mut underway = UNDERWAY.subscribe();
    // An error would mean that nobody counts any more.
    drop(underway.wait_for(|count| *count == 0).await);
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
        Some(task) => task.await.unwrap_or_else(|error| Err(not_returned(&error))),
        None => Ok(()),
    }
}

/// Returns the fault of a board that was not given back, because its task did not come to its end.
fn not_returned(error: &JoinError) -> BoardFault {
    let words = match error.is_panic() {
        true => "the board was not given back: a bug of this program stopped that",
        false => "the board was not given back: this program is about to end",
    };
    BoardFault::new(FaultKind::Refused, words).advice("switch the board off by hand")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_not_a_board_that_was_given_back() {
        let task = tokio::spawn(async { panic!("a bug") });
        let fault = not_returned(&task.await.unwrap_err());
        assert!(fault.words.contains("not given back: a bug"), "{fault}");
    }
}

//! Boards on their way back: each is switched off and given back by a task of its own.
//!
//! Whoever ends a board may stop waiting at any time: after Ctrl-C, everything that waits is dropped. The board must be
//! off all the same, so the program waits for [`all_returned`](super::all_returned) before it ends.

use tokio::task::{JoinError, JoinHandle};

use super::{BoardFault, FaultKind, held::Held, underway};

/// Begins to give a board back. None without a runtime: then the process ends anyway, the kernel frees the hold, and
/// `qa board reap` the place.
pub(super) fn begin(held: Held) -> Option<JoinHandle<Result<(), BoardFault>>> {
    underway::spawn(held.give_back())
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

//! The parts of a board that this process holds, until they are given back.

use std::time::Duration;

use super::{
    BoardFault, BoardLog, BoardSpec, FaultKind, hold::Hold, parts::Parts, power::BoardPower,
};

/// The longest time that giving a board back may take.
const GIVE_BACK: Duration = Duration::from_secs(60);

/// A board that this process holds.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) spec: BoardSpec,
    pub(super) parts: Parts,
    pub(super) power: BoardPower,
    pub(super) log: BoardLog,
    pub(super) hold: Hold,
}

impl Held {
    /// Switches the board off, releases its place, and gives its hold back. Every part is tried.
    ///
    /// # Errors
    /// The first fault.
    pub(super) async fn give_back(self) -> Result<(), BoardFault> {
        let Held {
            parts,
            power,
            log,
            hold,
            ..
        } = self;
        let back = async {
            let off = power.cut().await;
            let released = parts.release().await;
            log.note("give the board back", &released);
            off.and(released)
        };
        let done = tokio::time::timeout(GIVE_BACK, back).await;
        drop(hold);
        done.unwrap_or_else(|_| {
            Err(BoardFault::new(
                FaultKind::TimedOut,
                format!(
                    "the board was not given back within {} s",
                    GIVE_BACK.as_secs()
                ),
            ))
        })
    }
}

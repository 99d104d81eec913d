//! A board that this process holds, until it is given back: its place is acquired, its lock is taken.

use std::time::Duration;

use super::{
    BoardFault, BoardLog, BoardSpec, FaultKind, hold::Hold, parts::Parts, power::BoardPower,
};

/// The longest time to release a place. Its source has a shorter limit of its own.
const RELEASE: Duration = Duration::from_secs(60);

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
    /// Switches the board off, releases its place, and gives its hold back. Every part is tried, and has its own limit:
    /// a switch that hangs keeps no place.
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
        // A switch that is underway comes first.
        let limit = power.longest_switch().saturating_mul(2);
        let off = within(limit, "switched off", power.cut()).await;
        if let Err(fault) = &off {
            log.say(&format!("switch off: {fault}"));
        }
        let released = within(RELEASE, "given back", parts.release()).await;
        log.note("give the board back", &released);
        drop(hold);
        off.and(released)
    }
}

/// Waits for a part of giving back, but not for ever.
async fn within(
    limit: Duration,
    what: &str,
    part: impl Future<Output = Result<(), BoardFault>>,
) -> Result<(), BoardFault> {
    let done = tokio::time::timeout(limit, part).await;
    done.unwrap_or_else(|_| {
        let words = format!("the board was not {what} within {} s", limit.as_secs());
        Err(BoardFault::new(FaultKind::TimedOut, words))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_part_that_hangs_has_an_end_and_a_name() {
        let minute = Duration::from_secs(60);
        let fault = within(minute, "switched off", std::future::pending()).await;
        let fault = fault.unwrap_err();
        assert_eq!(
            (fault.kind, &*fault.words),
            (
                FaultKind::TimedOut,
                "the board was not switched off within 60 s"
            )
        );
        let done = Mutex::new(false);
        let part = async {
            *done.lock().unwrap() = true;
            Ok(())
        };
        within(minute, "given back", part).await.unwrap();
        assert!(*done.lock().unwrap());
    }
}

//! The last gap of a source of a board: what was not heard in it proves nothing about the board.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

/// The last gap of each source that is watched for restarts and power-offs. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Gaps {
    pub(super) line: Gap,
    pub(super) power: Gap,
}

impl Gaps {
    /// Returns the gaps of a board that is about to start.
    pub(super) fn none() -> Self {
        Self {
            line: Gap::of_line(),
            power: Gap::of_power(),
        }
    }
}

/// The last gap of a source. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Gap {
    /// The words for a gap that lasts, and for one that is over.
    now: &'static str,
    over: &'static str,
    last: Arc<Mutex<Option<Last>>>,
}

#[derive(Debug)]
struct Last {
    words: String,
    /// The moment at which the gap was over. None while it lasts.
    until: Option<Instant>,
}

impl Gap {
    /// Returns the gap of a serial line, which has none yet.
    pub(super) fn of_line() -> Self {
        Self {
            now: "the serial line is lost",
            over: "the serial line was lost meanwhile",
            last: Arc::default(),
        }
    }

    /// Returns the gap of the questions whether a board is on. There is none yet.
    pub(super) fn of_power() -> Self {
        Self {
            now: "the power of the board cannot be asked",
            over: "the power of the board could not be asked meanwhile",
            last: Arc::default(),
        }
    }

    /// Notes that the source is lost.
    pub(super) fn began(&self, words: &str) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some(Last {
            words: words.to_owned(),
            until: None,
        });
    }

    /// Notes that the source is back, if it was lost.
    pub(super) fn ended(&self) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = &mut *last {
            last.until.get_or_insert_with(Instant::now);
        }
    }

    /// Returns why something may be missing since a moment. None if the source was there all the time.
    pub(super) fn since(&self, moment: Instant) -> Option<String> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let last = last.as_ref()?;
        match last.until {
            None => Some(format!("{}: {}", self.now, last.words)),
            Some(until) if until >= moment => Some(format!("{}: {}", self.over, last.words)),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_gap_counts_for_what_was_awaited_during_it() {
        let gap = Gap::of_line();
        let begun = Instant::now();
        assert_eq!(gap.since(begun), None);
        gap.began("it was closed");
        let words = gap.since(begun).unwrap();
        assert_eq!(words, "the serial line is lost: it was closed");
        tokio::time::advance(Duration::from_secs(1)).await;
        gap.ended();
        assert!(gap.since(begun).unwrap().contains("was lost meanwhile"));
        tokio::time::advance(Duration::from_secs(1)).await;
        // That it is still there makes the gap no longer.
        gap.ended();
        assert_eq!(gap.since(Instant::now()), None);
    }
}

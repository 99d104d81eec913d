//! The last gap of a serial line: what the board said in it is missing, so it proves nothing about the board.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

/// The last gap of a serial line. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct LineGap(Arc<Mutex<Option<Gap>>>);

#[derive(Debug)]
struct Gap {
    words: String,
    /// The moment at which the line was back. None while it is lost.
    until: Option<Instant>,
}

impl LineGap {
    /// Notes that the line is lost.
    pub(super) fn began(&self, words: &str) {
        let mut gap = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *gap = Some(Gap {
            words: words.to_owned(),
            until: None,
        });
    }

    /// Notes that the line is back.
    pub(super) fn ended(&self) {
        let mut gap = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gap) = &mut *gap {
            gap.until = Some(Instant::now());
        }
    }

    /// Returns why text may be missing since a moment. None if the line was open all the time.
    pub(super) fn since(&self, moment: Instant) -> Option<String> {
        let gap = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let gap = gap.as_ref()?;
        match gap.until {
            None => Some(format!("the serial line is lost: {}", gap.words)),
            Some(until) if until >= moment => {
                Some(format!("the serial line was lost meanwhile: {}", gap.words))
            }
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
        let gap = LineGap::default();
        let begun = Instant::now();
        assert_eq!(gap.since(begun), None);
        gap.began("it was closed");
        let words = gap.since(begun).unwrap();
        assert_eq!(words, "the serial line is lost: it was closed");
        tokio::time::advance(Duration::from_secs(1)).await;
        gap.ended();
        assert!(gap.since(begun).unwrap().contains("was lost meanwhile"));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(gap.since(Instant::now()), None);
    }
}

//! The order of searches on the frames of a wait: the cheap one at once, the expensive one when the screen is still.

use std::time::Duration;
use tokio::time::Instant;

use needles::SearchRatio;

/// A screen that has not changed for this time is searched as a whole, once.
const QUIET: Duration = Duration::from_secs(1);

/// The time between two searches of the whole of a screen that is never still. openQA uses the same rule.
const WIDE_EVERY: Duration = Duration::from_secs(5);

/// The searches that a wait has done, so that none is done twice on one frame.
#[derive(Debug, Default)]
pub(super) struct SearchPlan {
    began: Option<Instant>,
    near: Option<u64>,
    wide: Option<(u64, Instant)>,
    changed: Option<(u64, Instant)>,
}

impl SearchPlan {
    /// Returns the next search for the frame of this generation, the cheaper one first; none if nothing is due now.
    pub(super) fn next(&mut self, generation: u64, now: Instant) -> Option<SearchRatio> {
        self.began.get_or_insert(now);
        if self.changed.is_none_or(|(seen, _)| seen != generation) {
            self.changed = Some((generation, now));
        }
        if self.near != Some(generation) {
            self.near = Some(generation);
            return Some(SearchRatio::NEAR);
        }
        if self.wide_is_due(generation, now) {
            self.wide = Some((generation, now));
            return Some(SearchRatio::WIDE);
        }
        None
    }

    fn wide_is_due(&self, generation: u64, now: Instant) -> bool {
        let at_rest = self
            .changed
            .is_some_and(|(_, since)| now.saturating_duration_since(since) >= QUIET);
        let last = match self.wide {
            Some((searched, _)) if searched == generation => return false,
            Some((_, when)) => Some(when),
            None => self.began,
        };
        at_rest || last.is_some_and(|when| now.saturating_duration_since(when) >= WIDE_EVERY)
    }

    /// Returns the moment to ask again even if the screen does not change; none if this frame needs no more searches.
    pub(super) fn next_time(&self, generation: u64) -> Option<Instant> {
        if self
            .wide
            .is_some_and(|(searched, _)| searched == generation)
        {
            return None;
        }
        self.changed.map(|(_, since)| since + QUIET)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_searched_near_once_and_wide_once_it_rests() {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut plan = SearchPlan::default();
        assert_eq!(plan.next(1, after(0)), Some(SearchRatio::NEAR));
        assert_eq!(plan.next(1, after(10)), None);
        assert_eq!(plan.next_time(1), Some(after(1000)));
        assert_eq!(plan.next(1, after(1000)), Some(SearchRatio::WIDE));
        assert_eq!(plan.next(1, after(9000)), None);
        assert_eq!(plan.next_time(1), None);
    }

    #[test]
    fn a_screen_that_never_rests_is_searched_as_a_whole_every_five_seconds() {
        let start = Instant::now();
        let mut plan = SearchPlan::default();
        let mut wide = 0;
        for tick in 0..200_u64 {
            let now = start + Duration::from_millis(tick * 100);
            while let Some(ratio) = plan.next(tick, now) {
                if ratio == SearchRatio::WIDE {
                    wide += 1;
                }
            }
        }
        assert_eq!(wide, 3, "in 20 s");
    }
}

//! Looking for needles on the screen.

use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

use needles::{Needle, Outcome, PreparedFrame, Ranking, SearchRatio};
use reports::{AreaFound, Candidate, Look, Wanted};

use crate::engine::stop::Stop;
use crate::needle_store::NeedleStore;
use crate::text_reader::{self, TextError};

/// A screen that has not changed for so long is searched as a whole once.
const QUIET: Duration = Duration::from_secs(1);

/// A screen that never comes to rest is searched as a whole this often, like openQA does it.
const WIDE_EVERY: Duration = Duration::from_secs(5);

/// Which searches a wait has done on which frame, so that none is done twice.
#[derive(Debug, Default)]
pub(super) struct SearchPlan {
    began: Option<Instant>,
    near: Option<u64>,
    wide: Option<(u64, Instant)>,
    changed: Option<(u64, Instant)>,
}

impl SearchPlan {
    /// What to search on the frame of this generation now, the cheaper one first; none when it was all done.
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

    /// When to ask again even if the screen does not change.
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

/// Finds the best passing needle, off the async threads, and reads its texts.
///
/// # Errors
/// A needle's picture cannot be read, or tesseract fails.
pub(super) async fn search(
    store: &Arc<NeedleStore>,
    candidates: &Arc<Vec<Arc<Needle>>>,
    frame: &Arc<PreparedFrame>,
    ratio: SearchRatio,
) -> Result<Option<Outcome>, Stop> {
    let passing = {
        let (store, candidates, frame) = (store.clone(), candidates.clone(), frame.clone());
        run(move || store.passing(&candidates, &frame, ratio)).await?
    };
    let found = store.reader().first(passing, frame.picture()).await;
    found.map_err(unread)
}

/// Compares all candidates for a report, off the async threads, and reads the texts of those that pass.
///
/// # Errors
/// A needle's picture cannot be read, or tesseract fails.
pub(super) async fn rank(
    store: &Arc<NeedleStore>,
    candidates: &Arc<Vec<Arc<Needle>>>,
    frame: &Arc<PreparedFrame>,
    ratio: SearchRatio,
) -> Result<Ranking, Stop> {
    let ranking = {
        let (store, candidates, frame) = (store.clone(), candidates.clone(), frame.clone());
        run(move || store.rank(&candidates, &frame, ratio)).await?
    };
    let ranking = store.reader().ranked(ranking, frame.picture()).await;
    ranking.map_err(unread)
}

fn unread(error: TextError) -> Stop {
    Stop::error(reports::CauseKind::Harness, crate::failure::chain(&error))
        .hint("the needle's `text` is read by tesseract; `qa doctor` looks at it")
}

async fn run<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, Stop> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(message)) => Err(Stop::error(reports::CauseKind::Scenario, message)
            .hint("`qa needle check` names every needle that cannot be used")),
        Err(error) => Err(Stop::error(
            reports::CauseKind::Harness,
            format!("the matcher broke off: {error}"),
        )),
    }
}

/// What a report says of a search.
pub(super) fn report(
    query: &str,
    wanted: Wanted,
    matched: Option<&Outcome>,
    others: &[Outcome],
) -> Look {
    /// More candidates than this help nobody.
    const MOST: usize = 8;
    Look {
        query: query.to_owned(),
        wanted,
        matched: matched.map(candidate),
        candidates: others.iter().take(MOST).map(candidate).collect(),
    }
}

fn candidate(outcome: &Outcome) -> Candidate {
    let areas = outcome
        .areas
        .iter()
        .map(|found| {
            let recorded = outcome.needle.areas()[found.area].rect;
            AreaFound {
                x: i64::from(found.place.x),
                y: i64::from(found.place.y),
                width: found.place.width,
                height: found.place.height,
                recorded_x: i64::from(recorded.x),
                recorded_y: i64::from(recorded.y),
                similarity: found.similarity.value(),
                required: found.level.required(),
                ok: found.ok,
            }
        })
        .collect();
    Candidate {
        needle: outcome.needle.name().to_owned(),
        error: outcome.error,
        areas,
        picture: None,
        workaround: outcome.needle.workaround().map(|workaround| {
            workaround
                .reason
                .clone()
                .unwrap_or_else(|| "no reason given".to_owned())
        }),
        texts: text_reader::told(outcome),
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

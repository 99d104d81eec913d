//! Tells which needle is nearest to the screen while a step waits: to the display, and to the event log.

use std::sync::Arc;
use std::time::Duration;

use needles::SearchRatio;
use reports::{AreaFound, Candidate, Event, NoticeKind, Wanted};
use tokio::time::Instant;

use super::Bench;
use crate::engine::look::{self, Candidates};
use crate::engine::screen_frame::ScreenFrame;
use crate::engine::stop::Stop;

/// The shortest time between two comparisons.
const EVERY: Duration = Duration::from_secs(1);

/// The nearest needle that was told last.
#[derive(Debug, Default)]
pub(super) struct Nearest {
    compared: Option<Instant>,
    recorded: Option<Recorded>,
}

/// A record of the nearest needle, without what does not matter to a reader.
#[derive(Debug, PartialEq)]
struct Recorded {
    step: String,
    needle: String,
    /// Place and similarity in percent of each area.
    areas: Vec<(i64, i64, i64)>,
}

impl Bench<'_> {
    /// Tells the nearest of these needles, if it is due. None of them matches this frame.
    ///
    /// # Errors
    /// A needle's picture cannot be read.
    pub(in crate::engine) async fn tell_nearest(
        &mut self,
        candidates: &Candidates,
        shown: &ScreenFrame,
    ) -> Result<(), Stop> {
        let now = Instant::now();
        let last = self.nearest.compared;
        if last.is_some_and(|last| now.saturating_duration_since(last) < EVERY) {
            return Ok(());
        }
        self.nearest.compared = Some(now);
        let store = Arc::clone(&self.engine.store);
        let ranking = look::rank(&store, candidates, &shown.frame, SearchRatio::MARGIN).await?;
        let report = look::report("", Wanted::Present, None, &ranking.candidates);
        let Some(nearest) = report.candidates.into_iter().next() else {
            return Ok(());
        };
        if let Some((_, area)) = nearest.worst_area() {
            self.recorder.notify(NoticeKind::Nearest {
                needle: nearest.needle.clone(),
                similarity: area.similarity,
                required: area.required,
            });
        }
        self.record_nearest(nearest, shown.generation);
        Ok(())
    }

    /// Records the nearest needle, unless the last record of the step says the same.
    fn record_nearest(&mut self, nearest: Candidate, frame: u64) {
        let recorded = Recorded {
            step: self.at_step.clone(),
            needle: nearest.needle.clone(),
            areas: nearest.areas.iter().map(place_and_percent).collect(),
        };
        if self.nearest.recorded.as_ref() == Some(&recorded) {
            return;
        }
        self.recorder.record(Event::Compared {
            step: recorded.step.clone(),
            frame,
            needle: nearest.needle,
            areas: nearest.areas,
        });
        self.nearest.recorded = Some(recorded);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a similarity is between 0 and 1"
)]
fn place_and_percent(area: &AreaFound) -> (i64, i64, i64) {
    (area.x, area.y, (area.similarity * 100.0).round() as i64)
}

//! `gone`.

use std::time::Duration;

use needles::Outcome;
use reports::{CauseKind, Look, Wanted};
use scenarios::TagQuery;

use crate::engine::bench::Bench;
use crate::engine::held::Held;
use crate::engine::look::{self, Depth, Search};
use crate::engine::session::{Frames, LookTime};
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

/// A button that is drawn pressed, a tooltip over it, a picture drawn in part, a screen that blanks or switches to
/// another mode: what is on it again after so long was not gone.
const IN_PASSING: Duration = Duration::from_secs(1);

impl Bench<'_> {
    pub(super) async fn gone(&mut self, query: &TagQuery, wait: &Wait) -> Result<Held, Stop> {
        let candidates = self.candidates(query)?;
        let mut search = Search::new(&self.engine.store, &candidates, Depth::Everywhere);
        let mut frames = Frames::new(LookTime::Step(wait));
        let mut last: Option<Outcome> = None;
        // Since when it is not there.
        let mut absent: Option<Wait> = None;
        loop {
            let was_absent = absent.as_ref().is_some_and(Wait::is_over);
            let shown = frames.next(self.session()?).await?;
            match &shown {
                None => absent = None,
                Some(shown) => match search.on(shown, frames.is_over()).await? {
                    Some(outcome) => {
                        last = Some(outcome);
                        absent = None;
                    }
                    None => absent = absent.or_else(|| Some(wait.lasting(IN_PASSING))),
                },
            }
            // Time may have passed in which nobody looked: only a picture of now tells.
            match &absent {
                Some(_) if frames.is_fresh() && (was_absent || frames.is_over()) => {
                    return Ok(held(query));
                }
                Some(lasting) if lasting.is_over() => frames.capture_next(),
                Some(lasting) => frames.wake_at(lasting.deadline()),
                None if frames.is_over() => {
                    return Err(self.not_gone(query, shown.is_some(), last.as_ref(), wait)?);
                }
                None => {}
            }
        }
    }

    fn not_gone(
        &mut self,
        query: &TagQuery,
        is_shown: bool,
        last: Option<&Outcome>,
        wait: &Wait,
    ) -> Result<Stop, Stop> {
        if is_shown {
            let report = look::report(&query.to_string(), Wanted::Absent, last, &[]);
            let message = format!("`{query}` was still on the screen after {}", wait.words());
            return Ok(Stop::failed(CauseKind::Deadline, message).with_look(report));
        }
        let (why, hint) = (self.session()?.why_dark(), self.session()?.dark_hint());
        let message = format!(
            "whether `{query}` is gone cannot be told after {}: {why}",
            wait.words()
        );
        Ok(Stop::failed(CauseKind::Deadline, message).hint(hint))
    }
}

fn held(query: &TagQuery) -> Held {
    Held {
        look: Some(Look {
            query: query.to_string(),
            wanted: Wanted::Absent,
            matched: None,
            candidates: Vec::new(),
        }),
        ..Held::default()
    }
}

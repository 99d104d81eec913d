//! `gone`.

use std::time::Duration;

use needles::Outcome;
use reports::{CauseKind, Look, Wanted};
use scenarios::TagQuery;

use crate::engine::bench::Bench;
use crate::engine::look::{self, Depth, Search};
use crate::engine::session::{Frames, LookTime};
use crate::engine::step_output::StepOutput;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

/// The time for which a needle must be absent to be gone. It may be absent for a moment without being gone: a button is
/// drawn pressed, a tooltip covers it, the picture is drawn in part, or the screen blanks or switches its mode.
const IN_PASSING: Duration = Duration::from_secs(1);

impl Bench<'_> {
    /// Waits until no needle of the query is on the screen.
    pub(super) async fn gone(&mut self, query: &TagQuery, wait: &Wait) -> Result<StepOutput, Stop> {
        let candidates = self.candidates(query)?;
        let mut search = Search::new(&self.engine.store, &candidates, Depth::Everywhere);
        let mut frames = Frames::new(LookTime::Step(wait));
        let mut last: Option<Outcome> = None;
        // Begins when the needle is first absent.
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
            // The screen may not have been captured for some time: only a fresh frame proves the absence.
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

    /// Returns the failure of a needle that did not go.
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
        let session = self.session()?;
        let why = session.why_dark();
        let message = format!(
            "`{query}` may or may not be gone after {}, because the screen cannot be seen: {why}",
            wait.words()
        );
        Ok(session.in_the_dark(Stop::failed(CauseKind::Deadline, message)))
    }
}

/// Returns the output of a step whose needle is gone.
fn held(query: &TagQuery) -> StepOutput {
    StepOutput {
        look: Some(Look {
            query: query.to_string(),
            wanted: Wanted::Absent,
            matched: None,
            candidates: Vec::new(),
        }),
        ..StepOutput::default()
    }
}

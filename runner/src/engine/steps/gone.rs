//! `gone`.

use std::sync::Arc;
use std::time::Duration;

use needles::{Outcome, SearchRatio};
use reports::{CauseKind, Look, Wanted};
use scenarios::TagQuery;

use crate::engine::attempt::Attempt;
use crate::engine::evidence::Held;
use crate::engine::look;
use crate::engine::session::Shown;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

/// A button that is drawn pressed, a tooltip over it, a picture drawn in part, a screen that blanks or switches to
/// another mode: what is on it again after so long was not gone.
const IN_PASSING: Duration = Duration::from_secs(1);

impl Attempt<'_> {
    pub(super) async fn gone(&mut self, query: &TagQuery, wait: &Wait) -> Result<Held, Stop> {
        let candidates = self.candidates(query)?;
        let store = Arc::clone(&self.engine.store);
        let mut shown = self.session()?.fresh().await?;
        let mut searched: Option<Shown> = None;
        let mut last: Option<Outcome> = None;
        // Since when it is not there.
        let mut absent: Option<Wait> = None;
        let mut looked_again = false;
        let mut is_over = false;
        loop {
            match &shown {
                None => absent = None,
                Some(shown) if is_same(searched.as_ref(), shown) => {}
                Some(shown) => {
                    // Gone means nowhere: near first because it is cheap and usually says "still there".
                    let mut there =
                        look::search(&store, &candidates, &shown.frame, SearchRatio::NEAR).await?;
                    if there.is_none() {
                        there = look::search(&store, &candidates, &shown.frame, SearchRatio::WIDE)
                            .await?;
                    }
                    match there {
                        Some(outcome) => {
                            last = Some(outcome);
                            absent = None;
                        }
                        None => absent = absent.or_else(|| Some(wait.lasting(IN_PASSING))),
                    }
                    searched = Some(shown.clone());
                }
            }
            if absent
                .as_ref()
                .is_some_and(|lasting| is_over || lasting.is_over())
            {
                if looked_again {
                    return Ok(held(query));
                }
                // Time may have passed in which nobody looked.
                looked_again = true;
                shown = self.session()?.fresh().await?;
                continue;
            }
            looked_again = false;
            if is_over {
                return Err(self.not_gone(query, shown.is_some(), last.as_ref(), wait)?);
            }
            let next = absent.as_ref().map_or(wait.deadline(), |lasting| {
                lasting.deadline().min(wait.deadline())
            });
            self.session()?.wake(Some(next)).await?;
            is_over = wait.is_over();
            // Time may have passed in which nobody looked: only a picture of now tells at the end.
            shown = if is_over {
                self.session()?.fresh().await?
            } else {
                self.session()?.showing()
            };
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

fn is_same(searched: Option<&Shown>, shown: &Shown) -> bool {
    searched.is_some_and(|searched| searched.generation == shown.generation)
}

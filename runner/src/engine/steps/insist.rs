//! Doing something again until it shows on the screen: `press` and `click` with `until`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use needles::{Needle, Outcome, SearchRatio};
use reports::{CauseKind, Wanted};
use scenarios::{Click, TagQuery, Target};
use vm::KeyName;

use crate::engine::attempt::Attempt;
use crate::engine::evidence::Held;
use crate::engine::look;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

/// What is done again.
pub(super) enum Deed<'a> {
    /// Combinations of keys, one after the other. Pressed for the first time only where it is not seen already.
    Press(&'a [Vec<KeyName>]),
    /// A click, which was done once. Done again only where its target is still on the screen: a click that was taken for nothing
    /// leaves it there, and where another thing is now, nothing must be clicked.
    Click(&'a Click),
}

impl Deed<'_> {
    fn is_done(&self) -> bool {
        match self {
            Self::Press(_) => false,
            Self::Click(_) => true,
        }
    }

    fn words(&self, times: u32) -> String {
        let (one, many) = match self {
            Self::Press(_) => ("press", "presses"),
            Self::Click(_) => ("click", "clicks"),
        };
        format!("{times} {}", if times == 1 { one } else { many })
    }
}

impl Attempt<'_> {
    /// Does it once in every `every`, `most` times at most, until `until` is on the screen.
    pub(super) async fn insist(
        &mut self,
        deed: &Deed<'_>,
        until: &TagQuery,
        every: Duration,
        most: Option<u32>,
        wait: &Wait,
    ) -> Result<Held, Stop> {
        let candidates = self.candidates(until)?;
        let most = most.unwrap_or(u32::MAX);
        let mut done = u32::from(deed.is_done());
        loop {
            // Seen before it is done for the first time means that there is nothing to do it for.
            let next = (Instant::now() + every).min(wait.deadline());
            let budget = if done == 0 { Instant::now() } else { next };
            if let Some(found) = self.find_until(&candidates, budget).await? {
                if deed.is_done() && done > 1 {
                    self.note(&format!("`{until}` came after {}", deed.words(done)));
                }
                self.matched(&found.needle);
                return Ok(Held {
                    look: Some(look::report(
                        &until.to_string(),
                        Wanted::Present,
                        Some(&found),
                        &[],
                    )),
                    ..Held::default()
                });
            }
            if done >= most || wait.is_over() {
                return Err(self
                    .never_came(&candidates, until, &deed.words(done), wait)
                    .await?);
            }
            if self.again(deed, wait).await? {
                done += 1;
            }
        }
    }

    /// Does it. For a click whose target is gone there is nothing to do.
    async fn again(&mut self, deed: &Deed<'_>, wait: &Wait) -> Result<bool, Stop> {
        let click = match deed {
            Deed::Press(combos) => return self.press_all(combos).await.map(|()| true),
            Deed::Click(click) => click,
        };
        if let Target::Needle { needle, .. } = &click.target {
            let target = self.candidates(needle)?;
            if self.find_until(&target, Instant::now()).await?.is_none() {
                return Ok(false);
            }
        }
        self.click_once(click, wait).await.map(|_| true)
    }

    async fn never_came(
        &mut self,
        candidates: &Arc<Vec<Arc<Needle>>>,
        until: &TagQuery,
        times: &str,
        wait: &Wait,
    ) -> Result<Stop, Stop> {
        let shown = self.session()?.fresh().await?;
        let message = format!("`{until}` did not appear after {times} in {}", wait.words());
        let mut stop = Stop::failed(CauseKind::Deadline, message);
        let Some(shown) = shown else {
            let why = self.session()?.why_dark();
            return Ok(stop.because(&format!("there is nothing to look at: {why}")));
        };
        let ranking = look::rank(
            &self.engine.store,
            candidates,
            &shown.frame,
            SearchRatio::WIDE,
        )
        .await?;
        let all: Vec<_> = ranking
            .matched
            .into_iter()
            .chain(ranking.candidates)
            .collect();
        if let Some(sizes) = self.other_sizes(&all, &shown) {
            stop = stop.because(&sizes);
        }
        Ok(stop.with_look(look::report(
            &until.to_string(),
            Wanted::Present,
            None,
            &all,
        )))
    }

    /// Looks for needles until a moment has come, on a fresh frame first; then wherever they are on the screen.
    async fn find_until(
        &mut self,
        candidates: &Arc<Vec<Arc<Needle>>>,
        until: Instant,
    ) -> Result<Option<Outcome>, Stop> {
        let mut shown = self.session()?.fresh().await?;
        loop {
            let is_over = Instant::now() >= until;
            if let Some(shown) = &shown {
                let store = &self.engine.store;
                let near = SearchRatio::NEAR;
                let mut found = look::search(store, candidates, &shown.frame, near).await?;
                if found.is_none() && is_over {
                    let wide = SearchRatio::WIDE;
                    found = look::search(store, candidates, &shown.frame, wide).await?;
                }
                if found.is_some() {
                    return Ok(found);
                }
            }
            if is_over {
                return Ok(None);
            }
            self.session()?.wake(Some(until)).await?;
            shown = self.session()?.showing();
        }
    }
}

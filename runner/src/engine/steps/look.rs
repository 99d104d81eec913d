//! `see` and `screenshot`.

use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

use needles::{Needle, Outcome, SearchRatio};
use reports::{Candidate, CauseKind, Look, NoticeKind, TextResult, Wanted};
use scenarios::{Screenshot, See, TagQuery};

use crate::engine::attempt::Attempt;
use crate::engine::evidence::Held;
use crate::engine::look::{self, SearchPlan};
use crate::engine::session::Shown;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::millis::millis;
use crate::text_reader;

/// A needle on a frame.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) outcome: Outcome,
    pub(super) shown: Shown,
}

impl Attempt<'_> {
    pub(super) async fn see(&mut self, see: &See, wait: &Wait) -> Result<Held, Stop> {
        let not = match &see.not {
            Some(query) => Some(self.candidates(query)?),
            None => None,
        };
        loop {
            let found = self.find(&see.needle, wait).await?;
            if let Some(not) = &not
                && let Some(unwanted) = look::search(
                    &self.engine.store,
                    not,
                    &found.shown.frame,
                    SearchRatio::WIDE,
                )
                .await?
            {
                if wait.is_over() {
                    let report = look::report(
                        &see.needle.to_string(),
                        Wanted::Absent,
                        Some(&unwanted),
                        &[],
                    );
                    return Err(Stop::failed(
                        CauseKind::Deadline,
                        format!(
                            "`{}` was on the screen together with `{}` for {}",
                            see.needle,
                            unwanted.needle.name(),
                            wait.words()
                        ),
                    )
                    .with_look(report));
                }
                self.session()?.wake(Some(wait.deadline())).await?;
                continue;
            }
            if let Some(stays) = see.stays
                && !self.stays(&see.needle, stays, wait).await?
            {
                if wait.is_over() {
                    return Err(self.did_not_stay(see, stays, &found, wait));
                }
                continue;
            }
            return self.seen(&see.needle, &found).await;
        }
    }

    /// Writes down what matched.
    async fn seen(&mut self, query: &TagQuery, found: &Found) -> Result<Held, Stop> {
        self.matched(&found.outcome.needle);
        Ok(Held {
            look: Some(look::report(
                &query.to_string(),
                Wanted::Present,
                Some(&found.outcome),
                &[],
            )),
            after: self.session()?.since_deed(&found.shown),
            frame: self.keep_frame().await?,
            ..Held::default()
        })
    }

    /// A needle matched on which the step goes on: it is the one seen last, and a workaround for a known defect is
    /// told.
    pub(super) fn matched(&mut self, needle: &Arc<Needle>) {
        if let Some(workaround) = needle.workaround() {
            let reason = workaround
                .reason
                .clone()
                .unwrap_or_else(|| format!("workaround needle `{}` matched", needle.name()));
            // A click finds what a look has found before it.
            if !self.soft_failures.contains(&reason) {
                self.soft_failure(&reason, None);
            }
        }
        self.last_seen = Some(Arc::clone(needle));
    }

    fn did_not_stay(&self, see: &See, stays: Duration, found: &Found, wait: &Wait) -> Stop {
        let stays = reports::human_duration(millis(stays));
        let message = format!(
            "`{}` was on the screen, but did not stay for {stays} within {}",
            see.needle,
            wait.words()
        );
        let query = see.needle.to_string();
        let report = look::report(&query, Wanted::Present, Some(&found.outcome), &[]);
        Stop::failed(CauseKind::Deadline, message)
            .hint("without `within:` a step has the time of its `for:` besides the usual")
            .with_look(report)
    }

    /// Returns whether a needle stays for a time without a break, to its end. Where it was found does not
    /// matter: it may be moved.
    async fn stays(
        &mut self,
        query: &TagQuery,
        stays: Duration,
        wait: &Wait,
    ) -> Result<bool, Stop> {
        let candidates = self.candidates(query)?;
        let staying = wait.lasting(stays);
        loop {
            let is_long_enough = staying.is_over();
            // On a host that starves this program nothing may have been captured meanwhile: only a picture of now
            // tells.
            let shown = if is_long_enough {
                self.session()?.fresh().await?
            } else {
                self.session()?.showing()
            };
            let Some(shown) = shown else {
                return Ok(false);
            };
            let mut there = None;
            for ratio in [SearchRatio::NEAR, SearchRatio::WIDE] {
                if there.is_none() {
                    let store = &self.engine.store;
                    there = look::search(store, &candidates, &shown.frame, ratio).await?;
                }
            }
            if there.is_none() || (wait.is_over() && !is_long_enough) {
                return Ok(false);
            }
            if is_long_enough {
                return Ok(true);
            }
            let until = staying.deadline().min(wait.deadline());
            self.session()?.wake(Some(until)).await?;
        }
    }

    /// The needles of a query.
    pub(super) fn candidates(&self, query: &TagQuery) -> Result<Arc<Vec<Arc<Needle>>>, Stop> {
        let candidates = self.engine.store.select(&query.lists());
        if candidates.is_empty() {
            return Err(Stop::error(
                CauseKind::Scenario,
                format!("no needle carries the tag `{query}`"),
            )
            .hint("`qa check` names unknown tags before a machine boots"));
        }
        Ok(Arc::new(candidates))
    }

    /// Waits until one of the needles is on the screen.
    pub(super) async fn find(&mut self, query: &TagQuery, wait: &Wait) -> Result<Found, Stop> {
        let candidates = self.candidates(query)?;
        let store = Arc::clone(&self.engine.store);
        let mut plan = SearchPlan::default();
        // What is on the screen now counts only if it was captured after the last input.
        let mut shown = self.session()?.fresh().await?;
        loop {
            if let Some(shown) = &shown {
                while let Some(ratio) = plan.next(shown.generation, Instant::now()) {
                    let found = look::search(&store, &candidates, &shown.frame, ratio).await?;
                    if let Some(outcome) = found {
                        return Ok(self.found(outcome, shown.clone()));
                    }
                }
                self.tell_nearest(&candidates, shown).await?;
            }
            let next = shown
                .as_ref()
                .and_then(|shown| plan.next_time(shown.generation))
                .map_or(wait.deadline(), |next| next.min(wait.deadline()));
            self.session()?.wake(Some(next)).await?;
            if wait.is_over() {
                return self.last_look(query, &candidates, wait).await;
            }
            shown = self.session()?.showing();
        }
    }

    /// A match, with a remark where a text in it was skipped: a pass must not look like more than it is.
    fn found(&self, outcome: Outcome, shown: Shown) -> Found {
        for text in text_reader::told(&outcome) {
            if matches!(text.result, TextResult::Skipped { .. }) {
                self.note(&format!(
                    "needle `{}`: {}",
                    outcome.needle.name(),
                    text.text()
                ));
            }
        }
        Found { outcome, shown }
    }

    /// The deadline has passed: one search of the whole of a fresh frame decides, and tells what was nearest.
    async fn last_look(
        &mut self,
        query: &TagQuery,
        candidates: &Arc<Vec<Arc<Needle>>>,
        wait: &Wait,
    ) -> Result<Found, Stop> {
        let Some(shown) = self.session()?.fresh().await? else {
            let (why, hint) = (self.session()?.why_dark(), self.session()?.dark_hint());
            return Err(Stop::failed(
                CauseKind::Deadline,
                format!(
                    "no needle tagged `{query}` matched within {}, and now there is nothing to look at: {why}",
                    wait.words()
                ),
            )
            .hint(hint));
        };
        let store = Arc::clone(&self.engine.store);
        let ranking = look::rank(&store, candidates, &shown.frame, SearchRatio::WIDE).await?;
        if let Some(outcome) = ranking.matched {
            return Ok(self.found(outcome, shown));
        }
        let report = look::report(
            &query.to_string(),
            Wanted::Present,
            None,
            &ranking.candidates,
        );
        let mut stop = Stop::failed(
            CauseKind::Deadline,
            format!("no needle tagged `{query}` matched within {}", wait.words()),
        );
        if let Some(sizes) = self.other_sizes(&ranking.candidates, &shown) {
            stop = stop.because(&sizes);
        }
        Err(nearest_hint(stop, &report).with_look(report))
    }

    /// Returns a remark if the screen has not the size of any of the nearest needles: none of them
    /// fits on it as it was cut.
    pub(super) fn other_sizes(&self, nearest: &[Outcome], shown: &Shown) -> Option<String> {
        const MOST: usize = 8;
        let store = &self.engine.store;
        let mut sizes = nearest.iter().take(MOST).map(|outcome| {
            let prepared = store.prepare(&outcome.needle).ok()?;
            Some((outcome.needle.name(), prepared.size()))
        });
        let (name, (width, height)) = sizes.next()??;
        let differs =
            |size: Option<(&str, (u32, u32))>| size.is_some_and(|(_, size)| size != shown.size());
        if (width, height) == shown.size() || !sizes.all(differs) {
            return None;
        }
        let (own_width, own_height) = shown.size();
        Some(format!(
            "the screen is {own_width}x{own_height}, and needle `{name}` was cut from {width}x{height}"
        ))
    }

    /// Tells those who watch how near the wait is.
    async fn tell_nearest(
        &mut self,
        candidates: &Arc<Vec<Arc<Needle>>>,
        shown: &Shown,
    ) -> Result<(), Stop> {
        if !self.session()?.may_tell_nearest() {
            return Ok(());
        }
        let store = Arc::clone(&self.engine.store);
        let ranking = look::rank(&store, candidates, &shown.frame, SearchRatio::MARGIN).await?;
        let report = look::report("", Wanted::Present, None, &ranking.candidates);
        if let Some(nearest) = report.candidates.first()
            && let Some((_, area)) = nearest.worst_area()
        {
            self.recorder.notify(NoticeKind::Nearest {
                needle: nearest.needle.clone(),
                similarity: area.similarity,
                required: area.required,
            });
        }
        Ok(())
    }

    pub(super) async fn screenshot(&mut self, screenshot: &Screenshot) -> Result<Held, Stop> {
        let shown = match self.session()?.fresh().await? {
            Some(shown) => shown,
            // A display that is off for the moment leaves the last picture there was, and one that nothing
            // was drawn on leaves none.
            None => {
                let why = self.session()?.why_dark();
                let Some(last) = self.session()?.newest() else {
                    self.note(&format!("the screenshot was not taken: {why}"));
                    return Ok(Held::default());
                };
                self.note(&format!("the screenshot is older than this step: {why}"));
                last
            }
        };
        let frame = match &screenshot.name {
            Some(name) => Some(
                self.keeper
                    .keep_named(
                        name.shown(),
                        shown.generation,
                        shown.frame.picture().clone(),
                    )
                    .await
                    .map_err(|error| Stop::unwritable("a screenshot", &error))?,
            ),
            None => self.keep_frame().await?,
        };
        Ok(Held {
            frame,
            ..Held::default()
        })
    }
}

/// Says what to do next; which needle was nearest, and how near, stands in the evidence.
fn nearest_hint(stop: Stop, report: &Look) -> Stop {
    match report.candidates.first().and_then(Candidate::worst_area) {
        Some((_, area)) if area.similarity > 0.0 => {
            stop.hint("if the screen is as it should be, `qa needle bump` makes a new needle of it")
        }
        Some(_) => stop.hint("nothing like it was on the screen; the last frame shows what was"),
        None => stop,
    }
}

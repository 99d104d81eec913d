//! `see` and `screenshot`.

use std::sync::Arc;
use std::time::Duration;

use needles::{Outcome, SearchRatio};
use reports::{Candidate, CauseKind, Look, PointedOut, TextResult, Wanted};
use scenarios::{Screenshot, See, TagQuery};

use crate::engine::bench::Bench;
use crate::engine::diagnosis::Screen;
use crate::engine::look::{self, Candidates, Depth, Search};
use crate::engine::screen_frame::ScreenFrame;
use crate::engine::session::{Frames, LookTime};
use crate::engine::step_output::StepOutput;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::millis::millis;
use crate::results::RunFolder;
use crate::text_reader;

/// A needle that matched, with the frame.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) outcome: Outcome,
    pub(super) shown: ScreenFrame,
}

/// The likely reason why a look found nothing.
#[derive(Debug)]
pub(super) struct LikelyReason {
    /// The reason: a lowercase fragment.
    reason: String,
    /// True if the needle may be out of date.
    is_out_of_date: bool,
    /// The place on the screen that it is about.
    place: Option<PointedOut>,
}

impl LikelyReason {
    /// Makes a reason that is about no place.
    fn of(reason: String) -> Self {
        Self {
            reason,
            is_out_of_date: false,
            place: None,
        }
    }

    /// Makes a reason that is about a place.
    fn at((reason, place): (String, Option<PointedOut>)) -> Self {
        Self {
            place,
            ..Self::of(reason)
        }
    }

    /// Says that the needle may be out of date.
    fn or_out_of_date(self) -> Self {
        Self {
            is_out_of_date: true,
            ..self
        }
    }

    /// Adds it to the failure of a look, in a run with this folder.
    pub(super) fn told_with(self, stop: Stop, folder: &RunFolder) -> Stop {
        let next = self.is_out_of_date.then(|| from_this_screen(folder));
        stop.led_by(&self.reason)
            .hint_if(next.as_deref())
            .pointing_at(self.place)
    }
}

/// Returns the next thing to do if the needle is out of date: a call that works as it is printed.
fn from_this_screen(folder: &RunFolder) -> String {
    let run = folder.argument();
    format!("if the screen is correct, `qa needle bump{run}` makes a new needle from it")
}

impl Bench<'_> {
    /// Waits until a needle of the query is on the screen, without those of `not`, for the time of `for`.
    pub(super) async fn see(&mut self, see: &See, wait: &Wait) -> Result<StepOutput, Stop> {
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

    /// Notes the needle that matched, and returns the evidence.
    async fn seen(&mut self, query: &TagQuery, found: &Found) -> Result<StepOutput, Stop> {
        self.matched(&found.outcome.needle);
        Ok(StepOutput {
            look: Some(look::report(
                &query.to_string(),
                Wanted::Present,
                Some(&found.outcome),
                &[],
            )),
            after: self.session()?.since_action(&found.shown),
            frame: self.keep_frame().await?,
            ..StepOutput::default()
        })
    }

    /// Returns the failure of a needle that was there, but not for long enough.
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
            .hint("without `within:`, the deadline of a step is the usual one plus the time of its `for:`")
            .with_look(report)
    }

    /// Returns whether a needle stays on the screen for a time without a break. Its place may change.
    async fn stays(
        &mut self,
        query: &TagQuery,
        stays: Duration,
        wait: &Wait,
    ) -> Result<bool, Stop> {
        let candidates = self.candidates(query)?;
        let mut search = Search::new(&self.engine.store, &candidates, Depth::Everywhere);
        let staying = wait.lasting(stays);
        let mut frames = Frames::new(LookTime::Step(wait));
        loop {
            let is_long_enough = staying.is_over();
            let shown = frames.next(self.session()?).await?;
            let there = match &shown {
                Some(shown) => search.on(shown, frames.is_over()).await?,
                None => None,
            };
            if there.is_none() {
                return Ok(false);
            }
            // A busy host may have captured nothing meanwhile: only a fresh frame proves it.
            match is_long_enough {
                true if frames.is_fresh() => return Ok(true),
                true => frames.capture_next(),
                false if frames.is_over() => return Ok(false),
                false => frames.wake_at(staying.deadline()),
            }
        }
    }

    /// Returns the needles of a query.
    ///
    /// # Errors
    /// No needle has the tags of the query.
    pub(super) fn candidates(&self, query: &TagQuery) -> Result<Candidates, Stop> {
        let candidates = self.engine.store.select(&query.lists());
        if candidates.is_empty() {
            return Err(Stop::error(
                CauseKind::Scenario,
                format!("no needle carries the tag `{query}`"),
            )
            .hint("`qa check` finds unknown tags before a machine boots"));
        }
        Ok(Arc::new(candidates))
    }

    /// Waits until a needle of the query is on the screen.
    pub(super) async fn find(&mut self, query: &TagQuery, wait: &Wait) -> Result<Found, Stop> {
        let candidates = self.candidates(query)?;
        let mut search = Search::new(&self.engine.store, &candidates, Depth::AsTheScreenRests);
        let mut frames = Frames::new(LookTime::Step(wait));
        loop {
            let shown = frames.next(self.session()?).await?;
            if frames.is_over() {
                return self.last_look(query, &candidates, shown, wait).await;
            }
            let Some(shown) = shown else {
                continue;
            };
            if let Some(outcome) = search.on(&shown, false).await? {
                return Ok(self.found(outcome, shown));
            }
            self.tell_nearest(&candidates, &shown).await?;
            if let Some(moment) = search.next_time(&shown) {
                frames.wake_at(moment);
            }
        }
    }

    /// Returns a match. Notes texts in it that were not read, because the match proves less then.
    fn found(&self, outcome: Outcome, shown: ScreenFrame) -> Found {
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

    /// Decides at the deadline: searches the whole of the last frame, and reports the nearest needles if none matches.
    async fn last_look(
        &mut self,
        query: &TagQuery,
        candidates: &Candidates,
        shown: Option<ScreenFrame>,
        wait: &Wait,
    ) -> Result<Found, Stop> {
        let Some(shown) = shown else {
            let session = self.session()?;
            let message = format!(
                "no needle tagged `{query}` matched within {}, and now there is nothing to look at: {}",
                wait.words(),
                session.why_dark()
            );
            return Err(session.in_the_dark(Stop::failed(CauseKind::Deadline, message)));
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
        let stop = Stop::failed(
            CauseKind::Deadline,
            format!("no needle tagged `{query}` matched within {}", wait.words()),
        );
        let why = self.why_not_found(&ranking.candidates, &shown, wait).await;
        let stop = match why {
            Some(why) => why.told_with(stop, &self.engine.folder),
            None => nearest_hint(stop, &report, &self.engine.folder),
        };
        Err(stop.with_look(report))
    }

    /// Returns the likely reason why none of these needles was found on a screen, the nearest first. None if nothing
    /// stands out.
    pub(super) async fn why_not_found(
        &self,
        nearest: &[Outcome],
        shown: &ScreenFrame,
        wait: &Wait,
    ) -> Option<LikelyReason> {
        let screen = Screen {
            picture: shown.frame.picture(),
            action: self.last_action(),
            still_ms: millis(shown.captured.elapsed()),
            waited_ms: millis(wait.began().elapsed()),
        };
        if let Some(sizes) = self.other_sizes(nearest, shown) {
            return Some(LikelyReason::of(sizes).or_out_of_date());
        }
        if let Some(reason) = screen.likely_reason() {
            return Some(LikelyReason::of(reason));
        }
        let store = &self.engine.store;
        if let Some(differs) = look::simple_difference(store, nearest, &shown.frame).await {
            return Some(LikelyReason::at(differs).or_out_of_date());
        }
        match look::other_needle(store, nearest, &shown.frame).await {
            Some(other) => Some(LikelyReason::at(other)),
            None => screen.pace().map(LikelyReason::of),
        }
    }

    /// Returns a remark if the screen has another size than all of the nearest needles were made for.
    fn other_sizes(&self, nearest: &[Outcome], shown: &ScreenFrame) -> Option<String> {
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

    /// Keeps a frame as a screenshot.
    pub(super) async fn screenshot(&mut self, screenshot: &Screenshot) -> Result<StepOutput, Stop> {
        let shown = match self.session()?.fresh().await? {
            Some(shown) => shown,
            // A display that is off leaves its last frame. A display that was never drawn on has none.
            None => {
                let why = self.session()?.why_dark();
                let Some(last) = self.session()?.newest() else {
                    self.note(&format!("the screenshot was not taken: {why}"));
                    return Ok(StepOutput::default());
                };
                self.note(&format!("the screenshot is older than this step: {why}"));
                last
            }
        };
        let frame = match &screenshot.name {
            Some(name) => Some(self.keep_named(name.shown(), &shown).await?),
            None => self.keep_frame().await?,
        };
        Ok(StepOutput {
            frame,
            ..StepOutput::default()
        })
    }
}

/// Adds a hint on what to do next. The evidence has the nearest needle and its score.
fn nearest_hint(stop: Stop, report: &Look, folder: &RunFolder) -> Stop {
    match report.candidates.first().and_then(Candidate::worst_area) {
        Some((_, area)) if area.similarity > 0.0 => stop.hint(from_this_screen(folder)),
        Some(_) => stop.hint("nothing similar was on the screen: look at the last frame"),
        None => stop,
    }
}

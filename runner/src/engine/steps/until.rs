//! Doing something again until it shows on the screen: `press` and `click` with `until`.

use std::time::Duration;
use tokio::time::Instant;

use needles::{Outcome, SearchRatio};
use reports::{CauseKind, Wanted};
use scenarios::{Click, TagQuery, Target};
use vm::KeyName;

use crate::engine::bench::Bench;
use crate::engine::held::Held;
use crate::engine::look::{self, Candidates, Depth, Search};
use crate::engine::session::{Frames, LookTime};
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

/// What is done again.
pub(super) enum RepeatedAction<'a> {
    /// Combinations of keys, one after the other. Pressed for the first time only where it is not seen already.
    Press {
        taps: &'a [Vec<KeyName>],
        names: &'a str,
    },
    /// A click, which was done once. Done again only where its target is still on the screen: a click that was taken
    /// for nothing leaves it there, and where another thing is now, nothing must be clicked.
    Click(&'a Click),
}

/// The result of doing something again.
enum Again {
    /// It was done.
    Done,
    /// It was not, for this reason.
    Omitted(String),
}

/// The longest time, before scaling, that a target may take to look again as it did before the pointer came.
const REST: Duration = Duration::from_secs(1);

impl RepeatedAction<'_> {
    fn is_done(&self) -> bool {
        match self {
            Self::Press { .. } => false,
            Self::Click(_) => true,
        }
    }

    fn words(&self, times: u32) -> String {
        let (one, many) = match self {
            Self::Press { .. } => ("press", "presses"),
            Self::Click(_) => ("click", "clicks"),
        };
        format!("{times} {}", if times == 1 { one } else { many })
    }
}

impl Bench<'_> {
    /// Does it once in every `every`, `most` times at most, until `until` is on the screen.
    pub(super) async fn repeat_until(
        &mut self,
        action: &RepeatedAction<'_>,
        until: &TagQuery,
        every: Duration,
        most: Option<u32>,
        wait: &Wait,
    ) -> Result<Held, Stop> {
        let candidates = self.candidates(until)?;
        let most = most.unwrap_or(u32::MAX);
        let mut done = u32::from(action.is_done());
        let mut omitted = None;
        loop {
            // Seen before it is done for the first time means that there is nothing to do it for.
            let next = (Instant::now() + every).min(wait.deadline());
            let budget = if done == 0 { Instant::now() } else { next };
            if let Some(found) = self.find_until(&candidates, budget).await? {
                if action.is_done() && done > 1 {
                    self.note(&format!("`{until}` came after {}", action.words(done)));
                } else if let Some(why) = &omitted {
                    let times = action.words(done);
                    self.note(&format!(
                        "`{until}` came after {times}; it was not clicked again, as {why}"
                    ));
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
                let times = action.words(done);
                let stop = self.never_came(&candidates, until, &times, wait).await?;
                return Err(match &omitted {
                    Some(why) => stop.because(&format!("it was not clicked again, as {why}")),
                    None => stop,
                });
            }
            match self.again(action, wait).await? {
                Again::Done => done += 1,
                Again::Omitted(why) => omitted = Some(why),
            }
        }
    }

    /// Does it. For a click whose target is gone there is nothing to do; one that only looks otherwise because the
    /// pointer is over it is not gone.
    async fn again(&mut self, action: &RepeatedAction<'_>, wait: &Wait) -> Result<Again, Stop> {
        let click = match action {
            RepeatedAction::Press { taps, names } => {
                return self.press_again(taps, names).await.map(|()| Again::Done);
            }
            RepeatedAction::Click(click) => click,
        };
        if let Target::Needle { needle, .. } = &click.target {
            let target = self.candidates(needle)?;
            let mut found = self.find_until(&target, Instant::now()).await?;
            if found.is_none() {
                self.move_off().await?;
                let rested = Instant::now() + self.scale.apply(REST);
                found = self
                    .find_until(&target, rested.min(wait.deadline()))
                    .await?;
            }
            if found.is_none() {
                return self.why_changed(needle, &target).await.map(Again::Omitted);
            }
        }
        self.click_once(click, wait).await.map(|_| Again::Done)
    }

    /// The reason why a target is not clicked again: how much it has changed.
    async fn why_changed(
        &mut self,
        needle: &TagQuery,
        target: &Candidates,
    ) -> Result<String, Stop> {
        let Some(shown) = self.session()?.fresh().await? else {
            return Ok("the screen is dark".to_owned());
        };
        let store = &self.engine.store;
        let ranking = look::rank(store, target, &shown.frame, SearchRatio::WIDE).await?;
        let report = look::report(
            &needle.to_string(),
            Wanted::Present,
            None,
            &ranking.candidates,
        );
        let nearest = report.candidates.first();
        let worst = nearest.and_then(|nearest| Some((nearest, nearest.worst_area()?.1)));
        Ok(match worst {
            Some((nearest, area)) => format!(
                "its target had changed: `{}` is {:.2} of {:.2} alike, without the pointer over it",
                nearest.needle, area.similarity, area.required
            ),
            None => "its target had gone".to_owned(),
        })
    }

    async fn never_came(
        &mut self,
        candidates: &Candidates,
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
        candidates: &Candidates,
        until: Instant,
    ) -> Result<Option<Outcome>, Stop> {
        let mut search = Search::new(&self.engine.store, candidates, Depth::EverywhereAtTheEnd);
        let mut frames = Frames::new(LookTime::Moment(until));
        loop {
            let shown = frames.next(self.session()?).await?;
            if let Some(shown) = shown
                && let Some(found) = search.on(&shown, frames.is_over()).await?
            {
                return Ok(Some(found));
            }
            if frames.is_over() {
                return Ok(None);
            }
        }
    }
}

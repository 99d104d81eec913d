//! `press` and `click` with `until`: repeat an action until a needle is on the screen.

use std::time::Duration;
use tokio::time::Instant;

use needles::{Outcome, SearchRatio};
use reports::{CauseKind, Wanted};
use scenarios::{Click, TagQuery, Target};
use vm::KeyName;

use crate::engine::bench::Bench;
use crate::engine::look::{self, Candidates, Depth, Search};
use crate::engine::session::{Frames, LookTime};
use crate::engine::step_output::StepOutput;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

/// An action that is repeated.
pub(super) enum RepeatedAction<'a> {
    /// Key combinations, one after the other. If the needle is on the screen already, no key is pressed.
    Press {
        taps: &'a [Vec<KeyName>],
        names: &'a str,
    },
    /// A click, which was done once already. It is repeated only while its target is still on the screen: an ignored
    /// click leaves the target there, and another thing in its place must not be clicked.
    Click(&'a Click),
}

/// The result of repeating an action.
enum Again {
    /// The action was repeated.
    Done,
    /// The action was not repeated, for this reason.
    Omitted(String),
}

/// The longest time, before scaling, that a target may take to look as before after the pointer has left it.
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
    /// Repeats the action until `until` is on the screen. Waits `every` between two actions, and acts `most` times at
    /// most.
    pub(super) async fn repeat_until(
        &mut self,
        action: &RepeatedAction<'_>,
        until: &TagQuery,
        every: Duration,
        most: Option<u32>,
        wait: &Wait,
    ) -> Result<StepOutput, Stop> {
        let candidates = self.candidates(until)?;
        let most = most.unwrap_or(u32::MAX);
        let mut done = u32::from(action.is_done());
        let mut omitted = None;
        loop {
            // Before the first action there is one look: if the needle is there already, no action is needed.
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
                return Ok(StepOutput {
                    look: Some(look::report(
                        &until.to_string(),
                        Wanted::Present,
                        Some(&found),
                        &[],
                    )),
                    ..StepOutput::default()
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

    /// Repeats the action. A click is omitted if its target is gone. To decide that, the pointer is moved away first,
    /// because a target may look different under the pointer.
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

    /// Returns the reason why a target is not clicked again: how much it has changed.
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
                "its target had changed: `{}` matches {:.2} of the required {:.2}, without the pointer over it",
                nearest.needle, area.similarity, area.required
            ),
            None => "its target had gone".to_owned(),
        })
    }

    /// Returns the failure of an action that did not bring the needle.
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
            let session = self.session()?;
            let why = format!("there is nothing to look at: {}", session.why_dark());
            return Ok(session.in_the_dark(stop.because(&why)));
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
        if let Some(why) = self.why_not_found(&all, &shown, wait).await {
            stop = why.told_with(stop, &self.engine.folder);
        }
        Ok(stop.with_look(look::report(
            &until.to_string(),
            Wanted::Present,
            None,
            &all,
        )))
    }

    /// Searches for needles until a moment. Begins with a fresh frame, and searches the whole of the last one.
    async fn find_until(
        &mut self,
        candidates: &Candidates,
        until: Instant,
    ) -> Result<Option<Outcome>, Stop> {
        let mut search = Search::new(&self.engine.store, candidates, Depth::EverywhereAtTheEnd);
        let mut frames = Frames::new(LookTime::Moment(until));
        loop {
            let shown = frames.next(self.session()?).await?;
            if let Some(shown) = shown {
                if let Some(found) = search.on(&shown, frames.is_over()).await? {
                    return Ok(Some(found));
                }
                self.tell_nearest(candidates, &shown).await?;
            }
            if frames.is_over() {
                return Ok(None);
            }
        }
    }
}

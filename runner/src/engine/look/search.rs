//! A search for needles: on one frame, or on each frame of a wait.

use std::sync::Arc;
use tokio::time::Instant;

use needles::{Needle, Outcome, PreparedFrame, Ranking, SearchRatio};

use super::plan::SearchPlan;
use crate::engine::screen_frame::ScreenFrame;
use crate::engine::stop::Stop;
use crate::needle_store::NeedleStore;
use crate::text_reader::TextError;

/// The needles that a search compares with a frame.
pub(in crate::engine) type Candidates = Arc<Vec<Arc<Needle>>>;

/// The distance from its recorded place at which a needle is searched on the frames of a wait.
#[derive(Debug)]
pub(in crate::engine) enum Depth {
    /// Near at once, everywhere when the screen is still. For a needle that is expected to appear.
    AsTheScreenRests,
    /// Everywhere on each frame. For a needle that must stay, or must not be there.
    Everywhere,
    /// Near on each frame, everywhere on the last one. For a needle that an action is expected to bring.
    EverywhereAtTheEnd,
}

/// A search over the frames of a wait, which does nothing twice on one frame.
#[derive(Debug)]
pub(in crate::engine) struct Search {
    store: Arc<NeedleStore>,
    candidates: Candidates,
    depth: Depth,
    plan: SearchPlan,
    /// The result for the frame that was searched last.
    searched: Option<Searched>,
}

/// The result of searching a frame.
#[derive(Debug)]
struct Searched {
    generation: u64,
    found: Option<Outcome>,
    is_whole: bool,
}

impl Search {
    /// Makes a search for the best of these needles.
    pub(in crate::engine) fn new(
        store: &Arc<NeedleStore>,
        candidates: &Candidates,
        depth: Depth,
    ) -> Self {
        Self {
            store: Arc::clone(store),
            candidates: Arc::clone(candidates),
            depth,
            plan: SearchPlan::default(),
            searched: None,
        }
    }

    /// Returns the needle that matches on this frame; none if none matches at the places that are searched now.
    /// `is_last` is true for the last frame of the wait.
    ///
    /// # Errors
    /// As [`search`].
    pub(in crate::engine) async fn on(
        &mut self,
        shown: &ScreenFrame,
        is_last: bool,
    ) -> Result<Option<Outcome>, Stop> {
        match self.depth {
            Depth::AsTheScreenRests => {
                while let Some(ratio) = self.plan.next(shown.generation, Instant::now()) {
                    if let Some(found) = self.at(shown, ratio).await? {
                        return Ok(Some(found));
                    }
                }
                Ok(None)
            }
            Depth::EverywhereAtTheEnd => self.once(shown, is_last).await,
            Depth::Everywhere => self.once(shown, true).await,
        }
    }

    /// Searches a frame, unless it was already searched to the same extent. Near places come first, because that is
    /// cheap and a needle has usually not moved.
    async fn once(&mut self, shown: &ScreenFrame, is_whole: bool) -> Result<Option<Outcome>, Stop> {
        if let Some(searched) = &self.searched
            && searched.generation == shown.generation
            && (searched.is_whole || !is_whole || searched.found.is_some())
        {
            return Ok(searched.found.clone());
        }
        let mut found = self.at(shown, SearchRatio::NEAR).await?;
        if found.is_none() && is_whole {
            found = self.at(shown, SearchRatio::WIDE).await?;
        }
        self.searched = Some(Searched {
            generation: shown.generation,
            found: found.clone(),
            is_whole,
        });
        Ok(found)
    }

    async fn at(&self, shown: &ScreenFrame, ratio: SearchRatio) -> Result<Option<Outcome>, Stop> {
        search(&self.store, &self.candidates, &shown.frame, ratio).await
    }

    /// Returns the moment at which this frame must be searched further, even if the screen does not change.
    pub(in crate::engine) fn next_time(&self, shown: &ScreenFrame) -> Option<Instant> {
        match self.depth {
            Depth::AsTheScreenRests => self.plan.next_time(shown.generation),
            Depth::Everywhere | Depth::EverywhereAtTheEnd => None,
        }
    }
}

/// Returns the best needle that matches, after its texts were read. Compares off the async threads.
///
/// # Errors
/// A needle's picture cannot be read, or tesseract fails.
pub(in crate::engine) async fn search(
    store: &Arc<NeedleStore>,
    candidates: &Candidates,
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

/// Compares all candidates for a report and reads the texts of those that match. Compares off the async threads.
///
/// # Errors
/// A needle's picture cannot be read, or tesseract fails.
pub(in crate::engine) async fn rank(
    store: &Arc<NeedleStore>,
    candidates: &Candidates,
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
        .hint("tesseract reads the `text` areas of needles; `qa doctor` checks whether it works")
}

async fn run<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, Stop> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(message)) => Err(Stop::error(reports::CauseKind::Scenario, message)
            .hint("`qa needle check` lists every needle that cannot be used")),
        Err(error) => Err(Stop::error(
            reports::CauseKind::Harness,
            format!("the needle matcher crashed: {error}"),
        )),
    }
}

//! Looks for needles of the store on a frame, in parts that are within the budget of memory.

use std::sync::Arc;

use needles::{Needle, Outcome, PreparedFrame, PreparedNeedle, Ranking, SearchRatio};

use super::NeedleStore;

impl NeedleStore {
    /// Looks for needles and returns those that match, the best first. It is cheap enough for a waiting loop.
    ///
    /// # Errors
    /// As [`NeedleStore::prepare`].
    pub(crate) fn passing(
        &self,
        candidates: &[Arc<Needle>],
        frame: &PreparedFrame,
        ratio: SearchRatio,
    ) -> Result<Vec<Outcome>, String> {
        let mut passing = Vec::new();
        self.in_parts(candidates, |part| {
            passing.extend(needles::passing(part, frame, ratio));
        })?;
        Ok(Ranking::of(passing).into_outcomes())
    }

    /// As [`NeedleStore::passing`], without the needles whose picture cannot be read.
    pub(crate) fn passing_readable(
        &self,
        candidates: &[Arc<Needle>],
        frame: &PreparedFrame,
        ratio: SearchRatio,
    ) -> Vec<Outcome> {
        let mut passing = Vec::new();
        // The judge refuses nothing, so there is no error.
        let _ = self.in_parts_but(
            candidates,
            |part| passing.extend(needles::passing(part, frame, ratio)),
            |_, _| Ok(()),
        );
        Ranking::of(passing).into_outcomes()
    }

    /// Compares all needles and ranks them, for reports.
    ///
    /// # Errors
    /// As [`NeedleStore::prepare`].
    pub(crate) fn rank(
        &self,
        candidates: &[Arc<Needle>],
        frame: &PreparedFrame,
        ratio: SearchRatio,
    ) -> Result<Ranking, String> {
        let mut outcomes = Vec::new();
        self.in_parts(candidates, |part| {
            outcomes.extend(needles::best(part, frame, ratio).into_outcomes());
        })?;
        Ok(Ranking::of(outcomes))
    }

    /// Compares all needles whose picture can be read and ranks them. Also returns a sentence for each other needle.
    pub(crate) fn rank_readable(
        &self,
        candidates: &[Arc<Needle>],
        frame: &PreparedFrame,
        ratio: SearchRatio,
    ) -> (Ranking, Vec<String>) {
        let mut outcomes = Vec::new();
        let mut unreadable = Vec::new();
        let looked = self.in_parts_but(
            candidates,
            |part| outcomes.extend(needles::best(part, frame, ratio).into_outcomes()),
            |needle, message| {
                unreadable.push(format!("needle `{}`: {message}", needle.name()));
                Ok(())
            },
        );
        unreadable.extend(looked.err());
        (Ranking::of(outcomes), unreadable)
    }

    /// Prepares needles, and passes them on in parts. Each part is within the budget, or is one needle.
    pub(super) fn in_parts(
        &self,
        needles: &[Arc<Needle>],
        look: impl FnMut(&[&PreparedNeedle]),
    ) -> Result<(), String> {
        self.in_parts_but(needles, look, |_, message| Err(message))
    }

    /// As [`NeedleStore::in_parts`], with a judge of needles whose picture cannot be read: an error ends the work.
    fn in_parts_but(
        &self,
        needles: &[Arc<Needle>],
        mut look: impl FnMut(&[&PreparedNeedle]),
        mut unreadable: impl FnMut(&Needle, String) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut rest = needles.iter().peekable();
        while rest.peek().is_some() {
            let mut part = Vec::new();
            let mut bytes = 0;
            while bytes < self.budget
                && let Some(needle) = rest.next()
            {
                match self.prepare(needle) {
                    Ok(prepared) => {
                        bytes += prepared.memory();
                        part.push(prepared);
                    }
                    Err(message) => unreadable(needle, message)?,
                }
            }
            look(&part.iter().map(AsRef::as_ref).collect::<Vec<_>>());
        }
        Ok(())
    }
}

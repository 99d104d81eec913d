//! The state of a fold.

use std::collections::BTreeMap;

use super::ends::Ends;
use crate::log::{Envelope, Event};
use crate::run::attempt::Remark;
use crate::run::model::Run;

/// Puts a run together from its entries, one at a time.
///
/// Entries of attempts that run side by side may come in any order, as long as those of each attempt are in order. Any
/// entries give a run: what is missing is judged `error`, never `passed`.
///
/// ```
/// use reports::{Fold, OpenEnd};
///
/// let mut fold = Fold::default();
/// let log = reports::read_log(b"").map(|log| log.entries).unwrap_or_default();
/// for entry in &log {
///     fold.take(entry);
///     println!("{} scenarios so far", fold.run(OpenEnd::GoesOn).scenarios.len());
/// }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Fold {
    pub(super) run: Run,
    /// One for each scenario of the run.
    pub(super) scenarios: Vec<Bookkeeping>,
    /// The place of each scenario in the run, by name.
    pub(super) places: BTreeMap<String, usize>,
    pub(super) last_ms: u64,
    pub(super) ends: Ends,
}

/// State of a scenario that no report shows.
#[derive(Debug, Clone, Default)]
pub(super) struct Bookkeeping {
    /// For each attempt, the places of the steps that have not ended, outermost first.
    pub(super) open: Vec<Vec<StepPlace>>,
    /// The attempt that began last.
    pub(super) latest: Option<usize>,
    /// Remarks that came before the stage that they belong to.
    pub(super) early: Vec<Early>,
}

/// The place of a step in an attempt.
#[derive(Debug, Clone, Copy)]
pub(super) struct StepPlace {
    pub(super) stage: usize,
    pub(super) entry: usize,
}

/// The place of an attempt in a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct AttemptPlace {
    pub(super) scenario: usize,
    pub(super) attempt: usize,
}

/// A remark that came before the stage that it belongs to.
#[derive(Debug, Clone)]
pub(super) struct Early {
    /// The envelope of the remark. If it names no attempt, the remark belongs to the next attempt that begins a stage.
    pub(super) envelope: Envelope,
    pub(super) remark: Remark,
}

/// Fails in tests if [`Fold::take`] gave an event to the wrong part of the fold.
pub(super) fn misrouted(event: &Event) {
    debug_assert!(false, "no part of the fold takes {event:?}");
}

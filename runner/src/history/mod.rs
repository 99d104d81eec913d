//! The history of runs: what each cell came to, run after run.
//!
//! ```text
//! qa-results/<run>/events.jsonl --scan--> RunRecord --store--> qa-results/history.sqlite --> History
//! ```
//!
//! The database is a cache. All of it can be made again from the event logs. So a database that is damaged, or has
//! another schema, is emptied and filled again. One that cannot be used at all is replaced by one in memory.
//!
//! This folder does not print, and judges no run: the verdicts are those of the reports.

mod ask;
mod cell;
mod drift;
mod marker;
mod open;
mod record;
mod retention;
mod row;
mod scan;
mod steps;
mod store;
mod summary;
#[cfg(test)]
mod tests;

pub(crate) use cell::Cell;
pub(crate) use drift::{DRIFT_RECENT, Drift, NeedleRun};
pub(crate) use marker::Beginning;
pub(crate) use open::{History, HistoryError, Patience};
pub(crate) use record::Origin;
pub(crate) use retention::{Candidate, Decision, Hold, Limits, decide};
pub(crate) use row::{CellRun, Standing};
pub(crate) use scan::{RunHere, runs_in};
pub(crate) use steps::{ChangedStep, StepKey, changed_steps};
pub(crate) use summary::{CellSummary, NotHeld, Turn};

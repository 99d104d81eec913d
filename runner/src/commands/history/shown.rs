//! What `qa history` shows, for people and for programs.

use crate::history::{Cell, CellRun, CellSummary, ChangedStep, Drift};

/// A cell as it is shown.
#[derive(Debug)]
pub(super) struct Shown {
    /// The cell.
    pub cell: Cell,
    /// Its summary.
    pub summary: CellSummary,
}

/// A run of the cell.
#[derive(Debug)]
pub(super) struct ShownRun {
    /// Its result.
    pub result: CellRun,
    /// The steps whose time changed much.
    pub changed: Vec<ChangedStep>,
}

/// A needle in the last runs of the cell.
#[derive(Debug)]
pub(super) struct ShownNeedle {
    /// Its name.
    pub name: String,
    /// How often looks found it.
    pub matched: u64,
    /// How often looks wanted it and did not find it.
    pub missed: u64,
    /// Its reserve in the newest run that has one.
    pub reserve: Option<f64>,
    /// Its drift, if it drifts.
    pub drift: Option<Drift>,
}

/// A needle that drifts on a cell.
#[derive(Debug)]
pub(super) struct Drifting {
    /// Its name.
    pub needle: String,
    /// The cell.
    pub cell: Cell,
    /// The drift.
    pub drift: Drift,
}

/// A needle of the project that no look has used.
#[derive(Debug)]
pub(super) struct Unused {
    /// Its name.
    pub name: String,
    /// Its file, as people write it from here.
    pub file: String,
}

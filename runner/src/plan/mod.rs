//! Plans a run: from a request to jobs, everything that can be wrong before a machine starts.
//!
//! ```text
//! RunRequest --select, place--> Cell, which is data and may go to another process
//!     --look for image and machine--> Subject
//!     --variables, steps--> DraftJob --look for mistakes--> CheckedJob
//!     --cut the ways into stages, name their checkpoints--> Job --> the engine
//! ```
//!
//! Each of the three types of a job is built once, from the one before. The plan knows no engine, no progress and no
//! recorder: what it needs of this host and of the checkpoints comes in as functions.

mod cell;
mod checked;
mod draft;
mod durations;
mod format_number;
mod inspection;
mod job;
mod media;
mod mistakes;
mod place;
mod planner;
mod request;
mod selection;
mod stages;
mod subject;
mod text;
mod tree;

pub(crate) use cell::not_written_down;
pub(crate) use durations::Durations;
pub(crate) use format_number::FormatNumber;
pub(crate) use job::{Job, Stage};
pub(crate) use media::Media;
pub(crate) use planner::{OnLack, PlanSources, PlannedRun, Planner};
pub(crate) use request::{
    Among, CheckpointUse, Count, DeadlineScale, Extent, FailedStep, Part, RunRequest, ScenarioName,
    Selection, Setting, Tries, Trust,
};
pub(crate) use selection::combinations;
pub(crate) use stages::{KeptMachines, SavedFor};
pub(crate) use tree::{RootPlaces, TreeSources, plan_tree};

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::sample::{SampleProject, request as sample_request};

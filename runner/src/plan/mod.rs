//! Plans a run: turns a request into jobs, and finds every mistake that can be found before a machine starts.
//!
//! ```text
//! RunRequest --select, place--> Cell, which is data and may go to another process
//!     --find image and machine--> Subject
//!     --variables, steps--> DraftJob --find mistakes--> CheckedJob
//!     --cut the chains into stages, compute their checkpoint keys--> Job --> the engine
//! ```
//!
//! Each of the three types of a job is built once, from the one before. The plan does not use the engine, the progress
//! display or the recorder. Facts about this host and about checkpoints are passed in as functions.

mod cell;
mod checked;
mod draft;
mod durations;
mod format_number;
mod health;
mod inputs;
mod inspection;
mod job;
mod media;
mod mistakes;
mod place;
mod planner;
mod put_files;
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
pub(crate) use put_files::PutFileError;
pub(crate) use request::{
    Among, CheckpointUse, Count, DeadlineScale, Extent, FailedStep, LookLimits, Part, RunRequest,
    ScenarioName, Selection, Setting, Stay, Tries, Trust,
};
pub(crate) use selection::combinations;
pub(crate) use stages::{KeptMachines, SavedFor};
pub(crate) use subject::{BoardTarget, Target, labgrid_program};
pub(crate) use tree::{RootPlaces, TreeSources, plan_tree};

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::sample::{SampleProject, request as sample_request};

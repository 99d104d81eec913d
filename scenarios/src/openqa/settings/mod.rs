//! The settings of jobs: job groups, scenario definitions, dumps of templates and `vars.json`.

mod document;
mod expand;
mod image;
mod job;
mod job_groups;
mod machine;
mod templates;

pub(super) use document::{Document, entries, get, items, text};
pub(super) use image::ImageText;
pub(in crate::openqa) use job::{Job, Jobs, Settings, jobs};
pub(super) use machine::{MachineText, TAKEN, file_name};

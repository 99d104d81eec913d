//! Takes over a test distribution of openQA: modules, schedules, machines and job groups become a project.
//!
//! ```text
//! *.pm --perl--> statements --steps--> entries --+
//!                                                +--import--> qa.yaml, scenarios/*.yaml, IMPORT.md
//! *.yaml, vars.json --settings--> jobs --schedule+
//! ```
//!
//! Nothing is run, and nothing is dropped in silence: what cannot be told becomes a comment and a line of the report.

mod import;
mod perl;
mod project;
mod report;
mod schedule;
mod settings;
mod steps;

pub use import::{Distribution, Imported, OpenqaFile, import_openqa};
pub use report::ImportReport;

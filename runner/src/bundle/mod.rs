//! A bundle: one file with everything of one scenario, for a bug tracker.
//!
//! It is a zip file with one folder: the event log cut to the scenario, `report.html`, and the files of its attempts.
//! [`unpack`] makes a folder of it that every command reads like the folder of a run.

mod contents;
mod known_secrets;
mod limits;
mod search;
mod unpack;
mod write;

pub(crate) use known_secrets::KnownSecrets;
pub(crate) use unpack::{is_bundle, unpack};
pub(crate) use write::{Bundle, BundleError};

//! `qa report`: every report of a run, from its event log alone.

use std::path::{Path, PathBuf};

use reports::{ExitStatus, Record};

use crate::cli::ReportArgs;
use crate::commands::{Context, print};
use crate::failure::Failure;

/// Where reports were written.
#[derive(Debug)]
pub struct ReportPaths {
    /// The page for people.
    pub html: PathBuf,
    /// The file for CI.
    pub junit: PathBuf,
}

/// Runs `qa report`.
///
/// # Errors
/// When there is no run, or its log cannot be read.
pub fn report(context: &Context, args: ReportArgs) -> Result<ExitStatus, Failure> {
    todo!()
}

/// Writes every report of a run into its folder.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path, records: &[Record]) -> Result<ReportPaths, Failure> {
    todo!()
}

/// The end of a run, for the terminal.
pub fn summary(records: &[Record], colour: bool, paths: Option<&ReportPaths>) -> String {
    todo!()
}

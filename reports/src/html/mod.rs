//! `report.html`: one file that opens from disk without a network.
//!
//! Pictures are not copied into it: it links to the files in the run's folder. The modules here prepare all values, so
//! that the templates make no decisions.

mod against;
mod attempt;
mod evidence;
mod facts;
mod film;
mod headline;
mod link;
mod list;
mod mark;
mod matrix;
mod outcomes;
mod page;
mod past;
mod picture;
mod scenario;

use askama::Template;

use crate::earlier::Earlier;
use crate::run::Run;
pub(crate) use headline::headline;
use page::Page;

/// The page could not be made. That is a defect of `qa`, because no event log may cause it.
#[derive(Debug, thiserror::Error)]
#[error("report.html cannot be made: {0}")]
pub struct HtmlError(#[from] askama::Error);

/// Makes `report.html`, with what earlier runs tell of the scenarios.
///
/// # Errors
/// Only if `qa` has a defect: no event log causes an error.
pub fn html(run: &Run, earlier: &Earlier) -> Result<String, HtmlError> {
    Ok(Page::of(run, earlier).render()?)
}

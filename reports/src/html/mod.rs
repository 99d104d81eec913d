//! `report.html`: one file that opens from disk without a network.
//!
//! Pictures are not copied into it: they are referred to where the run's folder has them, relative to the report.
//! Everything is shaped here into what the templates show, so that these hold no decisions.

mod attempt;
mod evidence;
mod facts;
mod headline;
mod link;
mod mark;
mod matrix;
mod outcomes;
mod page;
mod picture;
mod scenario;

use askama::Template;

use crate::run::Run;
use page::Page;

/// The page could not be put together: a defect of `qa`, since no event log may cause it.
#[derive(Debug, thiserror::Error)]
#[error("report.html cannot be put together: {0}")]
pub struct HtmlError(#[from] askama::Error);

/// Makes `report.html`.
///
/// # Errors
/// None that an event log could cause.
pub fn html(run: &Run) -> Result<String, HtmlError> {
    Ok(Page::of(run).render()?)
}

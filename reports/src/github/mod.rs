//! The result of a run for GitHub Actions: annotations for the log of a job, and the job's summary.

mod annotations;
mod summary;

pub use annotations::github_annotations;
pub use summary::github_summary;

//! The checks behind `qa check`.

use crate::{Diagnostic, Library, Project};

/// What the linter needs to know of a needle.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NeedleFacts {
    /// Its name.
    pub name: String,
    /// Path of its JSON file, as it is shown.
    pub path: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Ids of its click points.
    pub click_points: Vec<String>,
    /// What is wrong with it, if it cannot be used.
    pub problem: Option<String>,
}

/// Checks a project as a whole. Errors of single files come from reading them.
pub fn lint(
    project: Option<&Project>,
    library: &Library,
    needles: &[NeedleFacts],
) -> Vec<Diagnostic> {
    let _ = (project, library, needles);
    todo!()
}

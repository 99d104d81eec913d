//! The checks behind `qa check`.
//!
//! ```text
//! scenario --> its chain --> image, machine --> variables --> steps, expanded
//!     --> each step: variables, tags, points, deadline
//!                                                                                    |
//! needles <-------------------------- tags that are looked for ----------------------+
//! ```

mod condition;
mod drives;
mod echo;
mod expected_panic;
mod expired;
mod matrix;
mod needle_index;
mod scenario;
mod sleep;
mod values;

use std::collections::BTreeSet;

use crate::{Action, Code, Diagnostic, Library, Project, Severity};

use needle_index::NeedleIndex;

pub use drives::check_drives;
pub use expired::expired;

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

/// Checks a project as a whole. Errors of single files come from reading them; as long as there are any,
/// nothing is called unused.
///
/// Variables must be declared in `vars:` or `secrets:` of the project, the image, the machine or the scenario, or be
/// set by a step before: what a matrix or `--var` gives is a value for one of these.
pub fn lint(
    project: Option<&Project>,
    library: &Library,
    needles: &[NeedleFacts],
) -> Vec<Diagnostic> {
    let mut index = NeedleIndex::new(needles);
    let mut findings = index.broken();
    let placed = matrix::placed(project, library);
    for scenario in library.scenarios() {
        let mut own = scenario::check(project, library, scenario, None, &mut index);
        if placed.contains(&scenario.name) {
            // A matrix says what it runs on.
            own.retain(|finding| finding.code != Code::NoImage);
        }
        findings.extend(own);
    }
    if let Some(project) = project {
        for matrix in &project.matrix {
            findings.extend(matrix::check(project, library, matrix, &mut index));
        }
    }
    if !library.has_gaps() {
        findings.extend(lonely_fragments(library));
        findings.extend(index.unused());
    }
    crate::sort(&mut findings);
    findings
}

/// Fragments that no file includes: nothing in them is ever run, or checked.
fn lonely_fragments(library: &Library) -> Vec<Diagnostic> {
    let included: BTreeSet<String> = library
        .scenarios()
        .chain(library.fragments())
        .flat_map(|file| file.all_steps())
        .filter_map(|step| match &step.action {
            Action::Include(include) => Some(include.path()),
            _ => None,
        })
        .collect();
    library
        .fragments()
        .filter(|fragment| !included.contains(fragment.source.path()))
        .map(|fragment| Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::new(
                Code::Unreachable,
                &fragment.at,
                format!("no scenario includes the fragment `{}`", fragment.name),
            )
        })
        .collect()
}

//! Checks a project as a whole.

use std::collections::BTreeSet;

use super::needle_facts::NeedleFacts;
use super::needle_index::NeedleIndex;
use super::{board_health, matrix, scenario};
use crate::finding::{Code, Diagnostic, Severity, sort};
use crate::library::Library;
use crate::project::Project;
use crate::step::Action;

/// Checks a project as a whole. Errors within single files are reported when they are read. If there are any, nothing
/// is reported as unused.
///
/// A variable must be declared in `vars:` or `secrets:` of the project, the image, the machine or the scenario, or an
/// earlier step must set it. A matrix or `--var` can only give such a variable another value.
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
            // A matrix names the image.
            own.retain(|finding| finding.code != Code::NoImage);
        }
        findings.extend(own);
    }
    if let Some(project) = project {
        for matrix in &project.matrix {
            findings.extend(matrix::check(project, library, matrix, &mut index));
        }
        findings.extend(board_health::check(project, library));
    }
    if !library.has_gaps() {
        findings.extend(lonely_fragments(library));
        findings.extend(index.unused());
    }
    sort(&mut findings);
    findings
}

/// Finds fragments that no file includes. Nothing in them is ever run or checked.
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

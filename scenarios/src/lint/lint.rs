use std::collections::BTreeSet;

use super::needle_facts::NeedleFacts;
use super::needle_index::NeedleIndex;
use super::{matrix, scenario};
use crate::finding::{Code, Diagnostic, Severity, sort};
use crate::library::Library;
use crate::project::Project;
use crate::step::Action;

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
    sort(&mut findings);
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

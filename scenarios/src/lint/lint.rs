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
    lint_and_use(project, library, needles).findings
}

/// The findings of [`lint`], and what they need to be shown in a few lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Linted {
    /// The findings, sorted.
    pub findings: Vec<Diagnostic>,
    /// The paths of needles that no scenario looks for, broken ones included. Empty if a scenario could not be read,
    /// because it may look for any needle.
    pub unused: BTreeSet<String>,
}

/// Checks a project as [`lint`] does, and also returns which needles nothing looks for. A broken needle that nothing
/// looks for is a warning, if its tags are known.
pub fn lint_and_use(
    project: Option<&Project>,
    library: &Library,
    needles: &[NeedleFacts],
) -> Linted {
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
    let mut unused = BTreeSet::new();
    if !library.has_gaps() {
        findings.extend(lonely_fragments(library));
        findings.extend(index.unused());
        unused = index.unused_paths();
        let tagged = needles.iter().filter(|needle| !needle.tags.is_empty());
        let tagged: BTreeSet<&str> = tagged.map(|needle| needle.path.as_str()).collect();
        let is_spare = |path: &str| unused.contains(path) && tagged.contains(path);
        for finding in &mut findings {
            if finding.code == Code::BrokenNeedle && finding.file.as_deref().is_some_and(is_spare) {
                finding.severity = Severity::Warning;
            }
        }
    }
    sort(&mut findings);
    Linted { findings, unused }
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

//! Checks the matrices of a project.

use std::collections::{BTreeMap, BTreeSet};

use super::needle_index::NeedleIndex;
use super::{scenario, setting};
use crate::finding::{Code, Diagnostic, Span, did_you_mean};
use crate::library::Library;
use crate::plan::{Chain, Combination};
use crate::project::{Matrix, Project};

/// Checks a matrix: its combinations, and each scenario in the places where the matrix runs it.
pub(super) fn check(
    project: &Project,
    library: &Library,
    matrix: &Matrix,
    needles: &mut NeedleIndex<'_>,
) -> Vec<Diagnostic> {
    let (combinations, mut findings) = matrix.combinations(project, library);
    // A finding that does not depend on the matrix was reported for the scenario alone. A finding on several machines
    // is reported once.
    let mut told: BTreeMap<&str, Vec<Diagnostic>> = BTreeMap::new();
    for combination in &combinations {
        let Some(scenario) = library.get(&combination.scenario) else {
            continue;
        };
        let told = told
            .entry(&scenario.name)
            .or_insert_with(|| scenario::check(Some(project), library, scenario, None, needles));
        let here = scenario::check(Some(project), library, scenario, Some(combination), needles);
        for finding in here {
            if told.contains(&finding) {
                continue;
            }
            told.push(finding.clone());
            findings.push(there(matrix, combination, finding));
        }
    }
    findings.extend(idle_variables(project, library, &combinations, matrix));
    findings
}

/// Returns the scenarios that a matrix runs, and those that they start after. They need no image of their own.
pub(super) fn placed(project: Option<&Project>, library: &Library) -> BTreeSet<String> {
    let mut placed = BTreeSet::new();
    let Some(project) = project else {
        return placed;
    };
    for matrix in &project.matrix {
        let (combinations, _) = matrix.combinations(project, library);
        let scenarios = combinations
            .iter()
            .filter_map(|combination| library.get(&combination.scenario));
        for chain in scenarios.filter_map(|scenario| Chain::to(library, scenario).ok()) {
            placed.extend(chain.stages.iter().map(|stage| stage.name.clone()));
        }
    }
    placed
}

/// Adds the combination to the message of a finding.
fn there(matrix: &Matrix, combination: &Combination, finding: Diagnostic) -> Diagnostic {
    let Combination { image, machine, .. } = combination;
    Diagnostic {
        message: format!(
            "{}, on `{image}` and `{machine}` in the matrix `{}`",
            finding.message, matrix.name
        ),
        ..finding
    }
}

/// Finds variables that the matrix sets but that none of its scenarios has. They would have no effect.
fn idle_variables(
    project: &Project,
    library: &Library,
    combinations: &[Combination],
    matrix: &Matrix,
) -> Vec<Diagnostic> {
    // The key is the place of the value, because an entry may replace a value of the matrix.
    let mut known: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    let place = |at: &Span| at.range().start;
    for combination in combinations.iter().filter(|one| !one.vars.is_empty()) {
        let Some(scenario) = library.get(&combination.scenario) else {
            continue;
        };
        let (vars, _) = setting::variables(
            Some(project),
            project.images.get(&combination.image),
            project.machine(&combination.machine).ok().as_ref(),
            scenario,
            None,
        );
        for value in combination.vars.values() {
            let names = known.entry(place(&value.at)).or_default();
            names.extend(vars.names().map(str::to_owned));
        }
    }
    let written = matrix.entries().flat_map(|entry| &entry.vars);
    written
        .filter_map(|(name, value)| {
            let names = known.get(&place(&value.at))?;
            if names.contains(name) {
                return None;
            }
            let message = format!(
                "the matrix `{}` sets the variable `{name}`, which none of its scenarios has here",
                matrix.name
            );
            let help = did_you_mean(name, names.iter().map(String::as_str)).unwrap_or_else(|| {
                "declare it under `vars:` in the scenario or in qa.yaml".to_owned()
            });
            Some(Diagnostic::new(Code::UnknownVariable, &value.at, message).with_help(help))
        })
        .collect()
}

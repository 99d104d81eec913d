//! Selects the scenarios of a request, each with its chain from power-on, and with its combination in a matrix.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use scenarios::{Chain, Combination, Diagnostic, Library, Plan, Spanned, WrittenValue};

use super::request::{Among, Selection};
use crate::failure::Failure;
use crate::project::Project;

/// The selected scenarios of one combination of a matrix, or all of a run without a matrix.
#[derive(Debug)]
pub(super) struct Selected {
    /// Their chains, in the order of the plan.
    pub chains: Vec<Chain>,
    /// Their image, machine and variables in a matrix; none if the request or each scenario names them.
    pub on: Option<MatrixPlace>,
}

/// The image, machine and variables of a combination in a matrix.
#[derive(Debug, Clone)]
pub(super) struct MatrixPlace {
    /// The name of the image.
    pub image: String,
    /// The name of the machine.
    pub machine: String,
    /// The variables that the matrix sets.
    pub vars: Arc<BTreeMap<String, Spanned<WrittenValue>>>,
}

impl MatrixPlace {
    fn of(combination: &Combination) -> Self {
        Self {
            image: combination.image.clone(),
            machine: combination.machine.clone(),
            vars: combination.vars.clone(),
        }
    }

    /// Returns the name of a scenario's result in this combination.
    pub(super) fn label(&self, scenario: &str) -> String {
        let combination = Combination {
            scenario: scenario.to_owned(),
            image: self.image.clone(),
            machine: self.machine.clone(),
            vars: Arc::default(),
        };
        combination.label()
    }
}

/// Selects scenarios. `unread` has the errors of files that could not be read.
///
/// # Errors
/// A name is unknown, the chain of a scenario is broken, the matrix has a mistake, or nothing is selected.
pub(super) fn select(
    selection: &Selection,
    project: &Project,
    library: &Library,
    unread: &[Diagnostic],
) -> Result<Vec<Selected>, Failure> {
    let names = selection.names();
    let selected = match &selection.among {
        Among::Project => vec![Selected {
            chains: chains(library, &names, unread)?,
            on: None,
        }],
        Among::Matrix(matrix) => of_matrix(selection, project, library, matrix, &names)?,
        Among::ResultOf { matrix, label } => vec![Selected {
            chains: chains(library, &names, unread)?,
            on: Some(of_label(project, library, matrix, label)?),
        }],
    };
    if selected.iter().all(|selected| selected.chains.is_empty()) {
        return Err(Failure::usage("there is no scenario to run")
            .hint("name a scenario file, or change to the folder of a project: `qa list` shows its scenarios"));
    }
    Ok(selected)
}

fn chains(
    library: &Library,
    names: &[String],
    unread: &[Diagnostic],
) -> Result<Vec<Chain>, Failure> {
    let unread: Vec<&Diagnostic> = unread.iter().filter(|finding| finding.is_error()).collect();
    // The name of a scenario is that of its file. A file that could not be read is not unknown.
    let is_unread = |name: &&String| {
        let files = unread.iter().filter_map(|finding| finding.file_name());
        files
            .filter_map(|file| Path::new(file).file_stem())
            .any(|stem| stem == name.as_str())
    };
    if names.iter().any(|name| is_unread(&name)) {
        let known: Vec<String> = names
            .iter()
            .filter(|name| !is_unread(name))
            .cloned()
            .collect();
        let planned = match known.is_empty() {
            true => Ok(()),
            false => Plan::new(library, &known).map(|_| ()),
        };
        let mut errors = planned.err().unwrap_or_default();
        errors.extend(unread.into_iter().cloned());
        return Err(Failure::of_findings(errors));
    }
    let plan = Plan::new(library, names).map_err(|mut errors| {
        // A file that could not be read may explain why a name is unknown.
        errors.extend(unread.into_iter().cloned());
        Failure::of_findings(errors)
    })?;
    Ok(plan.chains())
}

/// Selects the combinations of a matrix that the request names, or all.
fn of_matrix(
    selection: &Selection,
    project: &Project,
    library: &Library,
    matrix: &str,
    names: &[String],
) -> Result<Vec<Selected>, Failure> {
    let all = combinations(project, library, matrix)?;
    let chosen = choose(selection, library, matrix, &all, names)?;
    let mut places: Vec<(MatrixPlace, Vec<String>)> = Vec::new();
    for combination in chosen {
        let on = MatrixPlace::of(combination);
        let same = |(other, _): &&mut (MatrixPlace, Vec<String>)| {
            other.image == on.image && other.machine == on.machine && other.vars == on.vars
        };
        match places.iter_mut().find(same) {
            Some((_, scenarios)) => scenarios.push(combination.scenario.clone()),
            None => places.push((on, vec![combination.scenario.clone()])),
        }
    }
    let selected = |(on, scenarios): (MatrixPlace, Vec<String>)| {
        Ok(Selected {
            chains: chains(library, &scenarios, &[])?,
            on: Some(on),
        })
    };
    places.into_iter().map(selected).collect()
}

/// Returns all combinations of a matrix.
///
/// # Errors
/// There is no such matrix, or it has a mistake.
pub(crate) fn combinations(
    project: &Project,
    library: &Library,
    name: &str,
) -> Result<Vec<Combination>, Failure> {
    let Some(file) = &project.file else {
        let failure = Failure::usage(format!("there is no matrix `{name}`"));
        return Err(
            failure.hint("matrices are declared under `matrix:` in the qa.yaml of a project")
        );
    };
    let matrix = file.matrix(name);
    let matrix = matrix.map_err(|error| Failure::of_findings(vec![error]))?;
    let (combinations, findings) = matrix.combinations(file, library);
    let errors: Vec<_> = findings.into_iter().filter(Diagnostic::is_error).collect();
    match errors.is_empty() {
        true => Ok(combinations),
        false => Err(Failure::of_findings(errors)),
    }
}

/// Returns the image, machine and variables of a result of a matrix.
fn of_label(
    project: &Project,
    library: &Library,
    matrix: &str,
    label: &str,
) -> Result<MatrixPlace, Failure> {
    let all = combinations(project, library, matrix)?;
    let found = all.iter().find(|combination| combination.label() == label);
    found.map(MatrixPlace::of).ok_or_else(|| {
        let failure = Failure::usage(format!(
            "the matrix `{matrix}` does not run `{label}` any more"
        ));
        failure.hint(format!("`qa list --matrix {matrix}` shows what it runs"))
    })
}

/// Returns the combinations that the request names: by scenario or by the name of a result, by image, by machine.
fn choose<'c>(
    selection: &Selection,
    library: &Library,
    matrix: &str,
    all: &'c [Combination],
    names: &[String],
) -> Result<Vec<&'c Combination>, Failure> {
    let hint = format!("`qa list --matrix {matrix}` shows what it runs");
    let elsewhere = |what: &str, name: &str| {
        let failure = Failure::usage(format!(
            "the matrix `{matrix}` does not run {what} `{name}`"
        ));
        failure.hint(&hint)
    };
    for name in names {
        let is_it = |one: &Combination| one.scenario == *name || one.label() == *name;
        if all.iter().any(is_it) {
            continue;
        }
        return Err(match library.find(name) {
            Ok(_) => elsewhere("the scenario", name),
            // The name of a result is not the name of a scenario, so the nearest scenario would not help.
            Err(_) if name.contains('@') => elsewhere("the combination", name),
            Err(unknown) => Failure::of_findings(vec![unknown]),
        });
    }
    let is_on =
        |named: &Option<String>, own: &String| named.as_ref().is_none_or(|name| name == own);
    if let Some(image) = &selection.image
        && !all.iter().any(|one| one.image == *image)
    {
        return Err(elsewhere("the image", image));
    }
    if let Some(machine) = &selection.machine
        && !all.iter().any(|one| one.machine == *machine)
    {
        return Err(elsewhere("the machine", machine));
    }
    let fits = |one: &&Combination| {
        let named = |name: &String| one.scenario == *name || one.label() == *name;
        (names.is_empty() || names.iter().any(named))
            && is_on(&selection.image, &one.image)
            && is_on(&selection.machine, &one.machine)
    };
    let chosen: Vec<&Combination> = all.iter().filter(fits).collect();
    match chosen.is_empty() {
        false => Ok(chosen),
        true => {
            let failure = Failure::usage(format!(
                "the matrix `{matrix}` has no combination with all of these names"
            ));
            Err(failure.hint(hint))
        }
    }
}

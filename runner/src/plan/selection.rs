//! The scenarios that a request selects, each with its way from power-on, and what a matrix says they run on.

use std::collections::BTreeMap;
use std::sync::Arc;

use scenarios::{Chain, Combination, Diagnostic, Library, Plan, Spanned, WrittenValue};

use super::request::{Among, Selection};
use crate::failure::Failure;
use crate::project::Project;

/// Selected scenarios that a matrix runs at one place, or all of a run without a matrix.
#[derive(Debug)]
pub(super) struct Selected {
    /// The ways to them, in the order of the plan.
    pub chains: Vec<Chain>,
    /// Where a matrix runs them; none where each runs on what the request or the scenario itself names.
    pub on: Option<On>,
}

/// Where a matrix runs scenarios.
#[derive(Debug, Clone)]
pub(super) struct On {
    /// Name of the image.
    pub image: String,
    /// Name of the machine.
    pub machine: String,
    /// The variables that the matrix sets.
    pub vars: Arc<BTreeMap<String, Spanned<WrittenValue>>>,
}

impl On {
    fn of(combination: &Combination) -> Self {
        Self {
            image: combination.image.clone(),
            machine: combination.machine.clone(),
            vars: combination.vars.clone(),
        }
    }

    /// Returns the name of the result of a scenario here.
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
/// Names that there are not, scenarios that cannot be reached, and what is wrong with the matrix.
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
            .hint("name a scenario file, or go to a project: `qa list` shows its scenarios"));
    }
    Ok(selected)
}

fn chains(
    library: &Library,
    names: &[String],
    unread: &[Diagnostic],
) -> Result<Vec<Chain>, Failure> {
    let plan = Plan::new(library, names).map_err(|mut errors| {
        // A file that could not be read is the better explanation of a name that is not there.
        let unread = unread.iter().filter(|finding| finding.is_error());
        errors.extend(unread.cloned());
        Failure::of_findings(errors)
    })?;
    Ok(plan.chains())
}

/// Selects the combinations of a matrix, or of the part of it that the request names.
fn of_matrix(
    selection: &Selection,
    project: &Project,
    library: &Library,
    matrix: &str,
    names: &[String],
) -> Result<Vec<Selected>, Failure> {
    let all = combinations(project, library, matrix)?;
    let chosen = choose(selection, library, matrix, &all, names)?;
    let mut places: Vec<(On, Vec<String>)> = Vec::new();
    for combination in chosen {
        let on = On::of(combination);
        let same = |(other, _): &&mut (On, Vec<String>)| {
            other.image == on.image && other.machine == on.machine && other.vars == on.vars
        };
        match places.iter_mut().find(same) {
            Some((_, scenarios)) => scenarios.push(combination.scenario.clone()),
            None => places.push((on, vec![combination.scenario.clone()])),
        }
    }
    let selected = |(on, scenarios): (On, Vec<String>)| {
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
/// There is no such matrix, or something is wrong with it.
pub(crate) fn combinations(
    project: &Project,
    library: &Library,
    name: &str,
) -> Result<Vec<Combination>, Failure> {
    let Some(file) = &project.file else {
        let failure = Failure::usage(format!("there is no matrix `{name}`"));
        return Err(failure.hint("a project has them: `matrix:` in qa.yaml"));
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

/// Returns where a matrix runs the scenario of a result.
fn of_label(
    project: &Project,
    library: &Library,
    matrix: &str,
    label: &str,
) -> Result<On, Failure> {
    let all = combinations(project, library, matrix)?;
    let found = all.iter().find(|combination| combination.label() == label);
    found.map(On::of).ok_or_else(|| {
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
            // The name of a result is no name of a scenario: the nearest one would be of no help.
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
                "the matrix `{matrix}` has no combination of all that is named"
            ));
            Err(failure.hint(hint))
        }
    }
}

//! What is to run where: scenarios by name, or the combinations of a matrix.

use std::collections::BTreeMap;
use std::sync::Arc;

use scenarios::{Chain, Combination, Diagnostic, Library, Plan, Spanned, WrittenValue};

use crate::cli::RunArgs;
use crate::commands::Context;
use crate::failure::Failure;
use crate::project::{Project, refuse};

/// Scenarios that share stages: those of one image, one machine and the same variables.
#[derive(Debug)]
pub(super) struct Cell {
    /// The ways to them, in the order of the plan.
    pub chains: Vec<Chain>,
    /// On what a matrix runs them; none where each runs on what it names itself.
    pub on: Option<On>,
}

/// What a matrix says about where scenarios run.
#[derive(Debug, Clone)]
pub(super) struct On {
    /// Name of the image.
    pub image: String,
    /// Name of the machine.
    pub machine: String,
    /// What a matrix sets.
    pub vars: Arc<BTreeMap<String, Spanned<WrittenValue>>>,
}

impl Cell {
    /// What one of its scenarios is called in the run.
    pub(super) fn name(&self, scenario: &str) -> String {
        match &self.on {
            Some(on) => on.with(scenario).label(),
            None => scenario.to_owned(),
        }
    }
}

impl On {
    fn of(combination: &Combination) -> Self {
        Self {
            image: combination.image.clone(),
            machine: combination.machine.clone(),
            vars: combination.vars.clone(),
        }
    }

    fn with(&self, scenario: &str) -> Combination {
        Combination {
            scenario: scenario.to_owned(),
            image: self.image.clone(),
            machine: self.machine.clone(),
            vars: Arc::default(),
        }
    }
}

/// The cell of scenarios that run on what they name themselves; no name means all.
///
/// # Errors
/// Names that there are not, and scenarios that cannot be reached.
pub(super) fn plain(library: &Library, names: &[String]) -> Result<Vec<Cell>, Vec<Diagnostic>> {
    let plan = Plan::new(library, names)?;
    Ok(vec![Cell {
        chains: plan.chains(),
        on: None,
    }])
}

/// The cells of a matrix, or of the part of it that the call names.
///
/// # Errors
/// What is wrong with the matrix, or with what the call names of it.
pub(super) fn of_matrix(
    context: &Context,
    args: &RunArgs,
    project: &Project,
    library: &Library,
    name: &str,
    names: &[String],
) -> Result<Vec<Cell>, Failure> {
    let all = combinations(context, project, library, name)?;
    let chosen = choose(args, library, name, &all, names)
        .map_err(|choice| choice.into_failure(context.colour_on_stderr()))?;
    let mut cells: Vec<(On, Vec<String>)> = Vec::new();
    for combination in chosen {
        let on = On::of(combination);
        let same = |(other, _): &&mut (On, Vec<String>)| {
            other.image == on.image && other.machine == on.machine && other.vars == on.vars
        };
        match cells.iter_mut().find(same) {
            Some((_, scenarios)) => scenarios.push(combination.scenario.clone()),
            None => cells.push((on, vec![combination.scenario.clone()])),
        }
    }
    let cell = |(on, scenarios): (On, Vec<String>)| {
        let plan = Plan::new(library, &scenarios)
            .map_err(|errors| refuse(&errors, context.colour_on_stderr()))?;
        Ok(Cell {
            chains: plan.chains(),
            on: Some(on),
        })
    };
    cells.into_iter().map(cell).collect()
}

/// All combinations of a matrix.
///
/// # Errors
/// There is no such matrix, or something is wrong with it.
pub(in crate::commands) fn combinations(
    context: &Context,
    project: &Project,
    library: &Library,
    name: &str,
) -> Result<Vec<Combination>, Failure> {
    let refused = |errors: &[Diagnostic]| refuse(errors, context.colour_on_stderr());
    let Some(file) = &project.file else {
        let failure = Failure::usage(format!("there is no matrix `{name}`"));
        return Err(failure.hint("a project has them: `matrix:` in qa.yaml"));
    };
    let matrix = file.matrix(name).map_err(|error| refused(&[error]))?;
    let (combinations, findings) = matrix.combinations(file, library);
    let errors: Vec<_> = findings.into_iter().filter(Diagnostic::is_error).collect();
    if errors.is_empty() {
        Ok(combinations)
    } else {
        Err(refused(&errors))
    }
}

/// Where a matrix runs a scenario that was called so.
///
/// # Errors
/// It does not, or not any more.
pub(super) fn of_label(
    context: &Context,
    project: &Project,
    library: &Library,
    matrix: &str,
    label: &str,
) -> Result<On, Failure> {
    let all = combinations(context, project, library, matrix)?;
    let found = all.iter().find(|combination| combination.label() == label);
    found.map(On::of).ok_or_else(|| {
        let failure = Failure::usage(format!(
            "the matrix `{matrix}` does not run `{label}` any more"
        ));
        failure.hint(format!("`qa list --matrix {matrix}` shows what it runs"))
    })
}

/// Why the call does not fit the matrix.
enum Misfit {
    /// A name that there is not.
    Unknown(Diagnostic),
    /// Something that there is, and that the matrix does not run.
    Elsewhere(Failure),
}

impl Misfit {
    fn into_failure(self, colour: bool) -> Failure {
        match self {
            Self::Unknown(error) => refuse(&[error], colour),
            Self::Elsewhere(failure) => failure,
        }
    }
}

/// The combinations that the call names: by scenario or by what a result is called, by image, by machine.
fn choose<'c>(
    args: &RunArgs,
    library: &Library,
    matrix: &str,
    all: &'c [Combination],
    names: &[String],
) -> Result<Vec<&'c Combination>, Misfit> {
    let elsewhere = |what: &str, name: &str| {
        let failure = Failure::usage(format!(
            "the matrix `{matrix}` does not run {what} `{name}`"
        ));
        let hint = format!("`qa list --matrix {matrix}` shows what it runs");
        Misfit::Elsewhere(failure.hint(hint))
    };
    for name in names {
        let is_it = |one: &Combination| one.scenario == *name || one.label() == *name;
        if !all.iter().any(is_it) {
            library
                .find(name)
                .map_err(|error| match name.contains('@') {
                    // What results are called is no name of a scenario: the nearest one would be of no help.
                    true => elsewhere("the combination", name),
                    false => Misfit::Unknown(error),
                })?;
            return Err(elsewhere("the scenario", name));
        }
    }
    for (what, named, of) in [
        (
            "the image",
            &args.image,
            (|one| &one.image) as fn(&Combination) -> &String,
        ),
        ("the machine", &args.machine, |one| &one.machine),
    ] {
        if let Some(name) = named
            && !all.iter().any(|one| of(one) == name)
        {
            return Err(elsewhere(what, name));
        }
    }
    let fits = |one: &&Combination| {
        let named = |name: &String| one.scenario == *name || one.label() == *name;
        (names.is_empty() || names.iter().any(named))
            && args.image.as_ref().is_none_or(|image| one.image == *image)
            && args
                .machine
                .as_ref()
                .is_none_or(|machine| one.machine == *machine)
    };
    let chosen: Vec<&Combination> = all.iter().filter(fits).collect();
    if chosen.is_empty() {
        let failure = Failure::usage(format!(
            "the matrix `{matrix}` has no combination of all that is named"
        ));
        let hint = format!("`qa list --matrix {matrix}` shows what it runs");
        return Err(Misfit::Elsewhere(failure.hint(hint)));
    }
    Ok(chosen)
}

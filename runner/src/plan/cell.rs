//! A cell: scenarios with their chains, one image, one machine, and variables. A cell is data: this process, a job of
//! CI or a worker can plan its stages from the cell and the project.
//!
//! A cell has no values of secrets. It has the names of secrets that the user set; the process that runs the cell must
//! get their values again. The number of attempts and the use of checkpoints are not in the cell, but in
//! [`RunRequest`](super::RunRequest).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use scenarios::{
    Chain, Diagnostic, Library, Plan, Scenario, Source, Span, Spanned, Template, WrittenValue,
};
use serde::{Deserialize, Serialize};
use vm::image::Digest;

use super::format_number::FormatNumber;
use super::request::{Part, Setting};
use crate::failure::Failure;
use crate::project::Project;

/// Scenarios on one image and one machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cell {
    /// The format of the cell.
    pub format: FormatNumber<1>,
    /// The scenarios to judge. Never empty.
    pub scenarios: Vec<Judged>,
    /// The image under test.
    pub image: ImageChoice,
    /// A machine of the project, or a preset.
    pub machine: String,
    /// The variables that a matrix sets.
    pub vars: BTreeMap<String, CellValue>,
    /// The variables that the user set, without secrets.
    pub settings: Vec<Setting>,
    /// The names of secrets that the user set. Their values are not stored.
    pub withheld: BTreeSet<String>,
    /// The part of the one scenario that runs; none for all of every scenario.
    pub part: Option<Part>,
    /// The project file and every scenario file that is used, relative to the project's folder, with their digests.
    pub files: BTreeMap<PathBuf, Digest>,
}

/// A scenario to judge, with the scenarios that it starts after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Judged {
    /// The name of the scenario in the run.
    pub name: String,
    /// Its index among all scenarios of the run; the first is 0.
    pub place: usize,
    /// The names of the scenarios from power-on. The last one is judged.
    pub way: Vec<String>,
    /// The board whose health the scenario checks; none if it is a scenario of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_of: Option<String>,
}

/// The image of a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ImageChoice {
    /// An image of the project, by its name.
    Declared(String),
    /// A file, relative to the current folder.
    File(PathBuf),
}

/// The value of a variable as a matrix writes it. It may refer to other variables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum CellValue {
    /// Text.
    Text(String),
    /// A list.
    List(Vec<String>),
}

/// A cell that is not complete yet: an image, a machine, and the scenarios that run there.
#[derive(Debug)]
pub(super) struct CellDraft<'c> {
    /// The image under test.
    pub image: ImageChoice,
    /// The machine.
    pub machine: String,
    /// The variables that a matrix sets.
    pub vars: BTreeMap<String, CellValue>,
    /// The scenarios to judge, each with its chain.
    pub scenarios: Vec<(Judged, &'c Chain)>,
}

impl Cell {
    /// Makes a cell of a project. `settings` are the variables that the user set.
    pub(super) fn new(
        draft: CellDraft<'_>,
        settings: &[Setting],
        part: Option<&Part>,
        project: &Project,
        library: &Library,
    ) -> Self {
        let stages = || draft.scenarios.iter().flat_map(|(_, chain)| &chain.stages);
        let secrets = secret_names(project, stages().map(Arc::as_ref));
        let (withheld, settings): (Vec<_>, Vec<_>) = settings
            .iter()
            .cloned()
            .partition(|setting| secrets.contains(setting.name.as_str()));
        let files = files(project, library, stages().map(Arc::as_ref));
        Self {
            format: FormatNumber,
            image: draft.image,
            machine: draft.machine,
            vars: draft.vars,
            settings,
            withheld: withheld.into_iter().map(|setting| setting.name).collect(),
            part: part.cloned(),
            files,
            scenarios: draft
                .scenarios
                .into_iter()
                .map(|(judged, _)| judged)
                .collect(),
        }
    }

    /// Finds its scenarios, each with its chain, in a project.
    ///
    /// # Errors
    /// A file of the project differs from the one that the cell was made from, or a scenario does not exist.
    pub(super) fn chains(
        &self,
        project: &Project,
        library: &Library,
    ) -> Result<Vec<Chain>, Failure> {
        if self.scenarios.is_empty() {
            return Err(Failure::usage("the cell has no scenario"));
        }
        let chains = self.scenarios.iter().map(|judged| judged.chain(library));
        let chains = chains.collect::<Result<Vec<_>, _>>()?;
        let stages = chains.iter().flat_map(|chain| &chain.stages);
        let here = files(project, library, stages.map(Arc::as_ref));
        let all = here.keys().chain(self.files.keys());
        if let Some(other) = all
            .into_iter()
            .find(|path| here.get(*path) != self.files.get(*path))
        {
            let failure = Failure::usage(format!(
                "`{}` differs from the file that the cell was planned from",
                other.display()
            ));
            return Err(failure.hint("use the same version of the project, or plan the run again"));
        }
        Ok(chains)
    }

    /// Returns the variables that the user set, with the secrets among them. `secrets` has the values that the cell
    /// does not store.
    ///
    /// # Errors
    /// A secret that the user set has no value in `secrets`.
    pub(super) fn settings_with(&self, secrets: &[Setting]) -> Result<Vec<Setting>, Failure> {
        let mut settings = self.settings.clone();
        for name in &self.withheld {
            let Some(setting) = secrets.iter().rfind(|setting| setting.name == *name) else {
                return Err(not_written_down(name));
            };
            settings.push(setting.clone());
        }
        Ok(settings)
    }

    /// Returns the variables that a matrix sets, as variables of the project.
    ///
    /// # Errors
    /// A value is not a valid template.
    pub(super) fn matrix_vars(
        &self,
    ) -> Result<BTreeMap<String, Spanned<WrittenValue>>, Diagnostic> {
        let vars = self.vars.iter();
        vars.map(|(name, value)| Ok((name.clone(), value.written(name)?)))
            .collect()
    }
}

impl Judged {
    /// Finds the scenario and its chain.
    fn chain(&self, library: &Library) -> Result<Chain, Failure> {
        let name = self.way.last().map_or("", String::as_str);
        let plan = Plan::new(library, &[name.to_owned()]);
        let chains = plan.map_err(Failure::of_findings)?.chains();
        let is_it = |chain: &Chain| {
            let stages = chain.stages.iter().map(|stage| &stage.name);
            stages.eq(&self.way)
        };
        chains.into_iter().find(is_it).ok_or_else(|| {
            Failure::usage(format!(
                "`{name}` does not start after the scenarios that the cell names"
            ))
        })
    }
}

impl CellDraft<'_> {
    /// Returns whether it has the same image, machine and variables as another one.
    pub(super) fn has_same_place(&self, other: &Self) -> bool {
        self.image == other.image && self.machine == other.machine && self.vars == other.vars
    }
}

/// Makes the failure for a variable that the user set and whose value was not stored in the log or the cell.
pub(crate) fn not_written_down(name: &str) -> Failure {
    let failure = Failure::usage(format!(
        "the variable `{name}` was set for this run, but its value was not stored"
    ));
    failure.hint(format!("give it again: --var {name}=VALUE"))
}

impl From<&WrittenValue> for CellValue {
    fn from(value: &WrittenValue) -> Self {
        match value {
            WrittenValue::Text(template) => Self::Text(template.written()),
            WrittenValue::List(items) => Self::List(items.iter().map(Template::written).collect()),
        }
    }
}

impl CellValue {
    /// Returns the value as if it were written in a file of its own.
    fn written(&self, name: &str) -> Result<Spanned<WrittenValue>, Diagnostic> {
        let template = |text: &String| {
            let source = Source::new(format!("`{name}` of the matrix"), text.as_str());
            Template::parse(text, &Span::new(&source, 0..text.len()))
        };
        let (value, text) = match self {
            Self::Text(text) => (WrittenValue::Text(template(text)?), text.clone()),
            Self::List(items) => {
                let templates = items.iter().map(template).collect::<Result<_, _>>()?;
                (WrittenValue::List(templates), items.join("\n"))
            }
        };
        let at = Span::new(&Source::new(format!("`{name}` of the matrix"), text), 0..0);
        Ok(Spanned { value, at })
    }
}

/// Returns the names of the secrets that a project and scenarios declare.
fn secret_names<'s>(
    project: &'s Project,
    stages: impl Iterator<Item = &'s Scenario>,
) -> BTreeSet<&'s str> {
    let of_project = project.file.iter().flat_map(|file| &file.secrets);
    let of_stages = stages.flat_map(|scenario| &scenario.secrets);
    of_project
        .chain(of_stages)
        .map(|secret| secret.name.as_str())
        .collect()
}

/// Returns the project file, the files of these scenarios and those that they include, with their digests.
pub(super) fn files<'s>(
    project: &Project,
    library: &'s Library,
    stages: impl Iterator<Item = &'s Scenario> + Clone,
) -> BTreeMap<PathBuf, Digest> {
    let included = library.included_by(stages.clone());
    let included = included.iter().filter_map(|path| library.file(path));
    let sources = stages
        .map(|scenario| &scenario.source)
        .chain(included.map(|scenario| &scenario.source))
        .chain(project.file.iter().map(|file| &file.source));
    let root = absolute(&project.root);
    sources
        .map(|source| {
            let path = absolute(Path::new(source.path()));
            let path = path.strip_prefix(&root).map(Path::to_owned).unwrap_or(path);
            (path, Digest::of_bytes(source.text().as_bytes()))
        })
        .collect()
}

pub(super) fn absolute(path: &Path) -> PathBuf {
    // An empty path means the current folder, but `std::path::absolute` refuses it.
    let path = match path.as_os_str().is_empty() {
        true => Path::new("."),
        false => path,
    };
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests;

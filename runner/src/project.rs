//! A project on disk: the project file, its scenarios and its needles.

mod scenario_files;

use std::collections::{BTreeMap, BTreeSet};
use std::env::VarError;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use scenarios::{Code, Diagnostic, Library, NeedleFacts, SecretSource, Source};

use self::scenario_files::ScenarioFiles;
use crate::failure::Failure;
use crate::files_below::files_below;
use crate::needle_store::NeedleStore;
use crate::text_file::read_text;

/// Name of the project file.
const PROJECT_FILE: &str = "qa.yaml";

/// The usual name of the folder of needles.
const NEEDLE_FOLDER: &str = "needles";

/// A project file with its folders.
#[derive(Debug)]
pub(crate) struct Project {
    /// Its folder; the current one outside of any project.
    pub root: PathBuf,
    /// The project file; none outside of any project.
    pub file: Option<scenarios::Project>,
    /// The folders of needles.
    pub needle_folders: Vec<PathBuf>,
    scenario_folders: Vec<PathBuf>,
}

impl Project {
    /// Reads the project file in a folder.
    ///
    /// # Errors
    /// When it cannot be read, or has errors: all of them, with their places.
    pub(crate) fn load(root: &Path) -> Result<Self, Failure> {
        let path = root.join(PROJECT_FILE);
        let text = read_text(&path).map_err(|error| {
            Failure::usage(format!(
                "cannot read the project file `{}`: {error}",
                path.display()
            ))
        })?;
        let source = Source::new(shown_from_here(&path), text);
        let (file, findings) = scenarios::Project::read(&source);
        let file = match file {
            Some(file) if !findings.iter().any(Diagnostic::is_error) => file,
            Some(_) | None => return Err(Failure::of_findings(findings)),
        };
        let below = |folders: &[scenarios::Spanned<String>]| -> Vec<PathBuf> {
            folders
                .iter()
                .map(|folder| root.join(&folder.value))
                .collect()
        };
        let mut needle_folders = below(&file.needles);
        // A new project has no folder of needles. If a step looks for a needle, the error is at the step.
        needle_folders.retain(|folder| *folder != root.join(NEEDLE_FOLDER) || folder.exists());
        let mut scenario_folders = below(&file.scenarios);
        // A project that names no folder may have none: its scenarios are named in the call.
        let is_named = file
            .scenarios
            .iter()
            .any(|folder| !folder.at.range().is_empty());
        scenario_folders.retain(|folder| is_named || folder.exists());
        Ok(Self {
            root: root.to_owned(),
            needle_folders,
            scenario_folders,
            file: Some(file),
        })
    }

    /// Returns an empty project, with only the built-in machines, and the needles beside the scenario.
    pub(crate) fn none() -> Self {
        Self {
            root: PathBuf::from("."),
            file: None,
            needle_folders: Vec::new(),
            scenario_folders: Vec::new(),
        }
    }

    /// Reads every scenario of the project, and the given files, too. The second value has the mistakes in them.
    ///
    /// # Errors
    /// When a folder or one of the given files cannot be read.
    pub(crate) fn library(
        &self,
        besides: &[PathBuf],
    ) -> Result<(Library, Vec<Diagnostic>), Failure> {
        let mut paths = BTreeSet::new();
        for scenario_folder in &self.scenario_folders {
            let (files, _) = files_below(scenario_folder, &["yaml", "yml"]).map_err(|error| {
                Failure::usage(format!(
                    "cannot read the folder of scenarios `{}`: {error}",
                    scenario_folder.display()
                ))
                .hint("`scenarios:` in qa.yaml names it")
            })?;
            let scenario_files = ScenarioFiles::of(&self.root, &self.needle_folders);
            paths.extend(
                files
                    .into_iter()
                    .filter(|file| scenario_files.may_be_scenario(scenario_folder, file)),
            );
        }
        let known: BTreeSet<PathBuf> = paths.iter().filter_map(|p| p.canonicalize().ok()).collect();
        for path in besides {
            if path.file_name().is_some_and(|name| name == PROJECT_FILE) {
                return Err(Failure::usage(format!(
                    "`{}` is a project file, not a scenario",
                    path.display()
                ))
                .hint("`qa list` shows the scenarios of a project"));
            }
            let real = path.canonicalize().map_err(|error| {
                Failure::usage(format!(
                    "cannot read the scenario `{}`: {error}",
                    path.display()
                ))
            })?;
            if !known.contains(&real) {
                paths.insert(path.clone());
            }
        }
        let mut sources = Vec::new();
        let mut findings = Vec::new();
        for path in paths {
            let shown = shown_from_here(&path);
            match read_text(&path) {
                Ok(text) => sources.push(Source::new(shown, text)),
                Err(error) => findings.push(Diagnostic::about_file(
                    Code::Syntax,
                    shown,
                    format!("the file cannot be read: {error}"),
                )),
            }
        }
        let (library, more) = Library::read(sources);
        findings.extend(more);
        Ok((library, findings))
    }

    /// Returns the folders of needles. Outside of any project, these are the folder of a scenario file, and `needles`
    /// beside it.
    pub(crate) fn needle_folders_for(&self, files: &[PathBuf]) -> Vec<PathBuf> {
        if self.file.is_some() {
            return self.needle_folders.clone();
        }
        let parents = files.iter().filter_map(|file| file.parent());
        let mut folders: Vec<PathBuf> = parents
            .map(|folder| {
                let folder = match folder.as_os_str().is_empty() {
                    true => Path::new("."),
                    false => folder,
                };
                let needles = folder.join(NEEDLE_FOLDER);
                match needles.is_dir() {
                    true => needles,
                    false => folder.to_owned(),
                }
            })
            .collect();
        folders.sort();
        folders.dedup();
        folders
    }

    /// Opens the project's needles.
    pub(crate) fn needles(&self) -> Arc<NeedleStore> {
        Arc::new(NeedleStore::open(&self.needle_folders))
    }

    /// Returns the values of declared secrets.
    ///
    /// # Errors
    /// When a secret has no value. The error names its source.
    pub(crate) fn secrets<'a>(
        &self,
        declared: impl Iterator<Item = &'a scenarios::Secret>,
    ) -> Result<BTreeMap<String, String>, Failure> {
        let mut values = BTreeMap::new();
        for secret in declared {
            let missing = |why: String| {
                Failure::usage(format!(
                    "secret `{}` has no value: {why} ({})",
                    secret.name, secret.at
                ))
            };
            let value = match &secret.source {
                SecretSource::Env(name) => std::env::var(name).map_err(|error| {
                    // The words of this error have the value in them, if there is one.
                    let why = match error {
                        VarError::NotPresent => "it is not set",
                        VarError::NotUnicode(_) => "its value is no Unicode text",
                    };
                    missing(format!("environment variable `{name}`: {why}"))
                })?,
                SecretSource::File(file) => {
                    let base = Path::new(secret.at.file())
                        .parent()
                        .unwrap_or(Path::new(""));
                    let path = base.join(file);
                    let mut text = read_text(&path)
                        .map_err(|error| missing(format!("file `{}`: {error}", path.display())))?;
                    if text.ends_with('\n') {
                        text.pop();
                    }
                    text
                }
            };
            values.insert(secret.name.clone(), value);
        }
        Ok(values)
    }
}

/// Returns the nearest folder from `start` upwards that has a project file.
pub(crate) fn find_project(start: &Path) -> Option<PathBuf> {
    start
        .ancestors()
        .find(|folder| folder.join(PROJECT_FILE).is_file())
        .map(Path::to_owned)
}

/// Returns the facts about needles that the linter needs.
pub(crate) fn needle_facts(store: &NeedleStore) -> Vec<NeedleFacts> {
    let known = store.known();
    let usable = known.map(|known| NeedleFacts {
        name: known.name.to_owned(),
        path: shown_from_here(known.path),
        tags: known.tags.to_vec(),
        click_points: known.click_points.to_vec(),
        problem: None,
    });
    let broken = store.faults().iter().map(|fault| NeedleFacts {
        name: fault
            .path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default(),
        path: shown_from_here(&fault.path),
        tags: fault.tags.clone(),
        click_points: Vec::new(),
        problem: Some(fault.message.clone()),
    });
    usable.chain(broken).collect()
}

/// Returns a path as people would write it from here.
pub(crate) fn shown_from_here(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    match (path.is_absolute(), path.strip_prefix(&here)) {
        (true, Ok(below)) => below.display().to_string(),
        _ => path.strip_prefix(".").unwrap_or(path).display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_project_is_the_nearest_folder_above_with_the_file() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let deep = dir.path().join("a/b");
        fs::create_dir_all(&deep).expect("folders");
        assert_eq!(find_project(&deep), None);
        fs::write(dir.path().join("a/qa.yaml"), "").expect("a file");
        assert_eq!(find_project(&deep), Some(dir.path().join("a")));
    }
}

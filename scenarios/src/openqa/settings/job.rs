//! The jobs of a distribution, each with all its settings.

use std::collections::BTreeMap;

use super::document::{Document, entries, get, text};
use super::expand::expand;
use super::job_groups;
use super::templates;
use crate::yaml::Node;

/// The most jobs that are read: a lab has a few thousand.
pub(super) const MOST_JOBS: usize = 20_000;

/// Names and values.
pub(in crate::openqa) type Settings = BTreeMap<String, String>;

/// A job: one test suite on one product and one machine.
#[derive(Debug, Clone)]
pub(in crate::openqa) struct Job {
    /// The job group, or the file.
    pub(in crate::openqa) group: String,
    /// The test suite, or the name of the job template.
    pub(in crate::openqa) suite: String,
    /// All settings, with `%NAME%` replaced.
    pub(in crate::openqa) settings: Settings,
    /// The file and line.
    pub(in crate::openqa) place: String,
}

/// All jobs, and what could not be read.
#[derive(Debug, Default)]
pub(in crate::openqa) struct Jobs {
    pub(in crate::openqa) jobs: Vec<Job>,
    /// The number of job groups and files of scenario definitions.
    pub(in crate::openqa) groups: usize,
    /// Sentences with the place.
    pub(in crate::openqa) problems: Vec<String>,
}

/// What is known of machines, products and suites outside of job groups.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) machines: BTreeMap<String, Settings>,
    pub(super) suites: BTreeMap<String, Settings>,
    /// By `distri-version-flavor-arch`.
    pub(super) products: BTreeMap<String, Settings>,
}

/// The layers of a job's settings, the weakest first.
pub(super) struct Layers<'s> {
    pub(super) group: &'s str,
    pub(super) suite: &'s str,
    pub(super) place: String,
    pub(super) layers: [&'s Settings; 4],
}

impl Jobs {
    /// Adds a job of layers of settings.
    pub(super) fn add(&mut self, layers: &Layers<'_>) {
        if self.jobs.len() >= MOST_JOBS {
            return;
        }
        let mut settings = Settings::new();
        let mut strong = Settings::new();
        for layer in layers.layers {
            for (name, value) in layer {
                match name.strip_prefix('+') {
                    Some(name) => strong.insert(name.to_owned(), value.clone()),
                    None => settings.insert(name.clone(), value.clone()),
                };
            }
        }
        settings.insert("TEST".to_owned(), layers.suite.to_owned());
        settings.extend(strong);
        self.jobs.push(Job {
            group: layers.group.to_owned(),
            suite: layers.suite.to_owned(),
            settings: expand(&settings),
            place: layers.place.clone(),
        });
    }
}

/// Reads the settings of a map: `NAME: value`.
pub(super) fn settings(node: Option<&Node>) -> Settings {
    let entries = node.map(entries).unwrap_or_default();
    let pairs = entries
        .iter()
        .filter_map(|(key, value)| Some((key.name.clone(), text(value)?.to_owned())));
    pairs.collect()
}

/// Reads all jobs of documents with their paths. `vars` are those of `vars.json`.
pub(in crate::openqa) fn jobs(documents: &[(String, Document)]) -> Jobs {
    let mut jobs = Jobs::default();
    let mut tables = Tables::default();
    for (_, document) in documents {
        templates::collect(&document.root, &mut tables);
    }
    for (path, document) in documents {
        let root = &document.root;
        let name = stem(path);
        if get(root, "job_templates").is_some() && get(root, "JobTemplates").is_none() {
            jobs.groups += 1;
            job_groups::definitions(path, &name, root, &tables, &mut jobs);
        } else if get(root, "scenarios").is_some() && get(root, "products").is_some() {
            jobs.groups += 1;
            job_groups::group(path, &name, root, &tables, &mut jobs);
        }
        templates::jobs(path, root, &tables, &mut jobs);
    }
    // The variables of a job that ran: only where nothing else says what runs.
    let vars = documents
        .iter()
        .find(|(path, _)| path.rsplit('/').next() == Some("vars.json"));
    if jobs.jobs.is_empty()
        && let Some((path, document)) = vars
    {
        let settings = settings(Some(&document.root));
        let suite = settings
            .get("TEST")
            .cloned()
            .unwrap_or_else(|| "all".to_owned());
        let none = Settings::new();
        jobs.add(&Layers {
            group: "openqa",
            suite: &suite,
            place: format!("{path}:1"),
            layers: [&settings, &none, &none, &none],
        });
    }
    if jobs.jobs.len() >= MOST_JOBS {
        jobs.problems.push(format!(
            "more than {MOST_JOBS} jobs: the others are not read"
        ));
    }
    jobs
}

/// Returns the name of a file without its folder and its ending.
fn stem(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    stem.to_owned()
}

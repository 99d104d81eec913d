//! The media of a job: the files that its steps insert into the CD drive, as far as they are known before it runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use scenarios::{Action, Assigned, Code, Diagnostic, PlannedStep, Span, Vars};
use vm::image::{ImageStore, probe};

use super::draft::WholeStage;
use crate::failure::chain;

/// The media of a job: their folder, and the digests of their content.
#[derive(Debug, Clone, Default)]
pub(crate) struct Media {
    root: PathBuf,
    digests: BTreeMap<String, String>,
}

impl Media {
    /// Makes the media of a project in the folder `root`. `digests` has the known digests, by the path in the project.
    pub(crate) fn new(root: PathBuf, digests: BTreeMap<String, String>) -> Self {
        Self { root, digests }
    }

    /// Finds the media of stages.
    ///
    /// # Errors
    /// A step that certainly runs needs a file that is no medium.
    pub(super) fn of_stages(
        root: &Path,
        images: &ImageStore,
        stages: &[WholeStage],
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut inserted = Inserted::default();
        let mut assigned = Assigned::new();
        for stage in stages {
            for step in &stage.steps {
                // Also notes the variables that inner steps set, because a group may be tried again.
                step.key_material(&stage.vars, &mut assigned);
                inserted.look(step, &stage.vars, &assigned, Needed::Surely);
            }
        }
        let mut findings = Vec::new();
        for (path, at) in &inserted.surely {
            if let Err(error) = probe(&root.join(path)) {
                let finding = Diagnostic::new(Code::InvalidValue, at, chain(&error));
                findings.push(finding.with_help(
                    "paths of media start at the folder of qa.yaml, and outside any project at the \
                    current one",
                ));
            }
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        let digests: BTreeMap<String, String> = inserted
            .paths
            .into_iter()
            .filter_map(|path| {
                let medium = probe(&root.join(&path)).ok()?;
                let digest = images.digest_of_all(&medium).ok()?;
                Some((path, format!("sha256:{digest}")))
            })
            .collect();
        Ok(Self::new(root.to_owned(), digests))
    }

    /// Returns the file at a path of the project, relative to the current folder.
    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Returns the path of a file in the project, as steps write it.
    pub(crate) fn path(&self, file: &Path) -> String {
        let below = file.strip_prefix(&self.root).unwrap_or(file);
        below.to_string_lossy().into_owned()
    }

    /// Returns the digest of a medium; none if it is unknown.
    pub(crate) fn digest(&self, path: &str) -> Option<&str> {
        self.digests.get(path).map(String::as_str)
    }
}

/// The certainty with which a step runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needed {
    /// It always runs.
    Surely,
    /// It, or a step around it, has a `when`.
    Perhaps,
}

/// The media that steps insert.
#[derive(Default)]
struct Inserted {
    /// The paths of all media.
    paths: BTreeSet<String>,
    /// The media of steps that always run, with the place of the step.
    surely: Vec<(String, Span)>,
}

impl Inserted {
    /// Adds the media of a step and of its inner steps.
    fn look(&mut self, planned: &PlannedStep, vars: &Vars, assigned: &Assigned, needed: Needed) {
        let needed = planned.when().map_or(needed, |_| Needed::Perhaps);
        if let Action::Media(_) = planned.step().action {
            let material = planned.key_material(vars, &mut assigned.clone());
            for path in material.media.into_iter().flatten() {
                if needed == Needed::Surely {
                    self.surely.push((path.clone(), planned.at().clone()));
                }
                self.paths.insert(path);
            }
        }
        for inner in &planned.steps {
            self.look(inner, vars, assigned, needed);
        }
    }
}

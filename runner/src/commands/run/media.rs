//! The media of a job: what its steps put into the drive, as far as that is known before it runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use scenarios::{Action, Assigned, Code, Diagnostic, PlannedStep, Span, Vars};
use vm::image::{ImageStore, probe};

use crate::engine::{Media, Stage};
use crate::failure::chain;

/// The media of stages. A file that a step surely needs and that is no medium is an error at once, and not hours later.
pub(super) fn media(
    root: &Path,
    images: &ImageStore,
    stages: &[Stage],
) -> Result<Media, Vec<Diagnostic>> {
    let mut inserted = Inserted::default();
    let mut assigned = Assigned::new();
    for stage in stages {
        for step in &stage.steps {
            // Those that the steps inside of it set as well: a group may be tried again.
            step.key_material(&stage.vars, &mut assigned);
            inserted.look(step, &stage.vars, &assigned, Needed::Surely);
        }
    }
    let mut findings = Vec::new();
    for (path, at) in &inserted.surely {
        if let Err(error) = probe(&root.join(path)) {
            let finding = Diagnostic::new(Code::InvalidValue, at, chain(&error));
            findings.push(finding.with_help(
                "paths of media start at the folder of qa.yaml, and outside any project at \
                the current one",
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
    Ok(Media::new(root.to_owned(), digests))
}

/// Whether a step is run in any case.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needed {
    Surely,
    Perhaps,
}

#[derive(Default)]
struct Inserted {
    paths: BTreeSet<String>,
    surely: Vec<(String, Span)>,
}

impl Inserted {
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

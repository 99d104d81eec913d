//! Finds mistakes in the files of a project. A mistake in a file that takes part in a run refuses the run. A mistake in
//! another file is only mentioned.

use std::sync::Arc;

use scenarios::{Chain, Code, Diagnostic, Library, NeedleFacts};

use crate::failure::Failure;
use crate::needle_store::NeedleStore;
use crate::project::{Project, needle_facts};

/// The mistakes in the files of a project, for a run.
#[derive(Debug)]
pub(super) struct Mistakes {
    /// The errors of scenarios and of the project file. A tag that only broken needles carry counts as unknown.
    findings: Vec<Diagnostic>,
    /// The needles that cannot be used.
    broken: Vec<Diagnostic>,
}

/// The state of the files that take no part in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Elsewhere {
    /// They have no mistakes.
    Fine,
    /// Some have mistakes; `qa check` shows them.
    Mistaken,
}

impl Mistakes {
    /// Finds the mistakes of a project. `unread` has the findings from reading its files.
    pub(super) fn of(
        project: &Project,
        library: &Library,
        store: &NeedleStore,
        unread: &[Diagnostic],
    ) -> Self {
        let facts = needle_facts(store);
        let lint = |facts: &[NeedleFacts]| scenarios::lint(project.file.as_ref(), library, facts);
        let usable: Vec<_> = facts
            .iter()
            .filter(|needle| needle.problem.is_none())
            .cloned()
            .collect();
        let findings = unread.iter().cloned().chain(lint(&usable));
        let broken = lint(&facts).into_iter();
        Self {
            // Characters are checked later, for the image and the machine of each job.
            findings: findings
                .filter(|finding| finding.is_error() && finding.code != Code::UntypedCharacter)
                .collect(),
            broken: broken
                .filter(|finding| finding.code == Code::BrokenNeedle)
                .collect(),
        }
    }

    /// Refuses to run scenarios if a file that takes part has an error. `is_placed` is true if the request determines
    /// the image, so that a scenario needs none of its own.
    ///
    /// # Errors
    /// All errors of files that take part.
    pub(super) fn refuse<'c>(
        &self,
        project: &Project,
        library: &Library,
        chains: impl Iterator<Item = &'c Chain> + Clone,
        is_placed: bool,
    ) -> Result<Elsewhere, Failure> {
        let stages = || chains.clone().flat_map(|chain| &chain.stages);
        let included = library.included_by(stages().map(Arc::as_ref));
        let takes_part = |finding: &&Diagnostic| {
            let Some(at) = &finding.at else {
                return false;
            };
            let is_project = project
                .file
                .as_ref()
                .is_some_and(|file| file.source.path() == at.file());
            let in_chain = stages().any(|scenario| scenario.source.path() == at.file());
            is_project || in_chain || included.contains(at.file())
        };
        let findings = self.findings.iter();
        let (own, other): (Vec<_>, Vec<_>) = findings
            .filter(|finding| !(is_placed && finding.code == Code::NoImage))
            .partition(takes_part);
        if own.is_empty() {
            let is_mistaken = !other.is_empty() || self.broken.iter().any(Diagnostic::is_error);
            return Ok(match is_mistaken {
                true => Elsewhere::Mistaken,
                false => Elsewhere::Fine,
            });
        }
        let mut own: Vec<Diagnostic> = own.into_iter().cloned().collect();
        if own.iter().any(|finding| finding.code == Code::UnknownTag) {
            // A broken needle explains why no needle carries the tag.
            own.extend(self.broken.iter().cloned());
        }
        Err(Failure::of_findings(own))
    }
}

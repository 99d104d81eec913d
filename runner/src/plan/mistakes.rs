//! Finds mistakes in the files of a project: one in a file that takes part in a run refuses the run, one elsewhere is
//! only told.

use std::sync::Arc;

use scenarios::{Chain, Code, Diagnostic, Library, NeedleFacts};

use crate::failure::Failure;
use crate::needle_store::NeedleStore;
use crate::project::{Project, needle_facts};

/// The mistakes in the files of a project, as a run sees them.
#[derive(Debug)]
pub(super) struct Mistakes {
    /// Errors of scenarios and of the project file. To a run, a tag that only broken needles carry is unknown.
    findings: Vec<Diagnostic>,
    /// Needles that cannot be used.
    broken: Vec<Diagnostic>,
}

/// Whether files that take no part in a run have mistakes in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Elsewhere {
    /// They are fine.
    Fine,
    /// Some have: `qa check` shows them.
    Mistaken,
}

impl Mistakes {
    /// Looks for the mistakes of a project. `unread` has the findings of reading its files.
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
            // Characters are checked again for the image and the machine of the call, when its jobs are drafted.
            findings: findings
                .filter(|finding| finding.is_error() && finding.code != Code::UntypedCharacter)
                .collect(),
            broken: broken
                .filter(|finding| finding.code == Code::BrokenNeedle)
                .collect(),
        }
    }

    /// Refuses to run scenarios when a file that takes part has an error in it. `is_placed` says that the image of all
    /// of them is known.
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
            // A broken needle is the better explanation of a tag that nothing carries.
            own.extend(self.broken.iter().cloned());
        }
        Err(Failure::of_findings(own))
    }
}

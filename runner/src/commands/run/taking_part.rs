//! The scenarios that take part in a run: a mistake in them refuses the run, one elsewhere is only told.

use std::sync::Arc;

use scenarios::{Chain, Code, Diagnostic, Library, NeedleFacts};

use crate::commands::{Context, talk};
use crate::failure::Failure;
use crate::needle_store::NeedleStore;
use crate::project::{Project, needle_facts, refuse};

/// The scenarios that take part in a run, with their project.
pub(super) struct TakingPart<'r> {
    pub project: &'r Project,
    pub library: &'r Library,
    pub chains: &'r [&'r Chain],
    /// True if the call says on which image.
    pub is_placed: bool,
}

impl TakingPart<'_> {
    /// Refuses to run when a file that takes part has an error in it. Other files' errors are only told.
    pub(super) fn refuse_broken(
        &self,
        context: &Context,
        store: &NeedleStore,
        mut findings: Vec<Diagnostic>,
    ) -> Result<(), Failure> {
        let Self {
            project,
            library,
            chains,
            is_placed,
        } = *self;
        let facts = needle_facts(store);
        let lint = |facts: &[NeedleFacts]| scenarios::lint(project.file.as_ref(), library, facts);
        // What only broken needles carry cannot be seen: for a run their tags are unknown ones.
        let usable: Vec<_> = facts
            .iter()
            .filter(|needle| needle.problem.is_none())
            .cloned()
            .collect();
        findings.extend(lint(&usable));
        let stages = || chains.iter().flat_map(|chain| &chain.stages);
        let included = library.included_by(stages().map(Arc::as_ref));
        let takes_part = |finding: &Diagnostic| {
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
        let (mut own, other): (Vec<_>, Vec<_>) = findings
            .into_iter()
            .filter(Diagnostic::is_error)
            // Checked again for the image and the machine of the call, when its jobs are put together.
            .filter(|finding| finding.code != Code::UntypedCharacter)
            .filter(|finding| !(is_placed && finding.code == Code::NoImage))
            .partition(takes_part);
        let mut broken = lint(&facts);
        broken.retain(|finding| finding.code == Code::BrokenNeedle);
        if own.iter().any(|finding| finding.code == Code::UnknownTag) {
            // A broken needle is the better explanation of a tag that nothing carries.
            own.append(&mut broken);
        }
        if !own.is_empty() {
            return Err(refuse(&own, context.colour_on_stderr()));
        }
        if !other.is_empty() || broken.iter().any(Diagnostic::is_error) {
            talk(
                context,
                "files that do not take part in this run have errors in them; `qa check` shows them",
            );
        }
        Ok(())
    }
}

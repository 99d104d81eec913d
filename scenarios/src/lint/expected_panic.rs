//! Finds steps that expect a panic which a watch forbids.

use regex::Regex;

use crate::finding::{Code, Diagnostic};
use crate::step::{ResetKind, Step};
use crate::value::{Pattern, Written};
use crate::watch::{Watch, WatchKind};

/// A line that every panicking kernel prints.
const SAYS: &str = "Kernel panic - not syncing: Fatal exception";

/// Returns the watches of the serial console that a panic breaches.
pub(super) fn watches<'w>(watches: &[&'w Watch<Written>]) -> Vec<&'w str> {
    let breaches = |watch: &&&'w Watch<Written>| match &watch.kind {
        WatchKind::Serial(pattern) => {
            let regex: Option<&Regex> = pattern.ready().map(Pattern::regex);
            regex.is_some_and(|regex| regex.is_match(SAYS))
        }
        WatchKind::Journal { .. }
        | WatchKind::Needle(_)
        | WatchKind::Reboots(_)
        | WatchKind::Command { .. }
        | WatchKind::FailedUnits { .. }
        | WatchKind::Coredumps { .. }
        | WatchKind::Segfault { .. } => false,
    };
    let all = watches.iter().filter(breaches);
    all.map(|watch| watch.name.as_str()).collect()
}

/// Makes the finding about a step that expects a panic which a watch forbids.
pub(super) fn in_step(step: &Step, watched: &[&str]) -> Option<Diagnostic> {
    let panics = step.resets.as_ref()?.of(ResetKind::Panic)?;
    let name = watched.first().filter(|_| panics > 0)?;
    let message = format!("the panic that this step expects is a breach of the watch `{name}`");
    let finding = Diagnostic::new(Code::WatchedPanic, &step.at, message);
    Some(finding.with_help(format!(
        "write `watch: [{{ off: {name} }}]` in the scenario"
    )))
}

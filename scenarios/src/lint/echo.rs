//! Finds patterns that match the echo of the sent text.

use crate::finding::{Code, Diagnostic};
use crate::step::{Action, SerialWait};
use crate::value::Written;

/// Makes the finding about a step that waits for its own text.
pub(super) fn in_step(action: &Action<Written>) -> Option<Diagnostic> {
    let Action::Serial(serial) = action else {
        return None;
    };
    let pattern = match serial.wait.as_ref()? {
        SerialWait::Appears { pattern, .. } | SerialWait::Absent { pattern, .. } => pattern,
    };
    let sent = serial.send.as_ref()?.ready()?;
    let regex = pattern.ready()?.regex();
    let is_text = |line: &&str| !line.trim().is_empty();
    let mut lines = sent.reveal().lines().filter(is_text);
    lines.any(|line| regex.is_match(line)).then(|| {
        Diagnostic::new(
            Code::Echo,
            pattern.at(),
            "the pattern matches the text that is sent, too, and its echo is no answer",
        )
        .with_help("it waits for what the system says itself; a pattern that only the answer matches says so, \
            as `^DONE$` after `echo DONE`")
    })
}

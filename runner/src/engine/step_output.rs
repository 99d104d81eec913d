//! The output of a verb whose step held.

use std::time::Duration;

use reports::{CommandResult, FrameRef, KeptFile, Look};
use scenarios::Text;

/// The output of a verb whose step held: evidence for the reports, and a value for the scenario.
#[derive(Debug, Default)]
pub(super) struct StepOutput {
    /// The search for a needle and its result.
    pub look: Option<Look>,
    /// A command and its answer.
    pub command: Option<CommandResult>,
    /// The time from the last action on the machine to the first frame on which the needle matches.
    pub after: Option<Duration>,
    /// A frame that the step chose as its evidence.
    pub frame: Option<FrameRef>,
    /// A file of the guest that was kept.
    pub file: Option<KeptFile>,
    /// The value that the step saves in a variable, with the variable's name.
    pub saved: Option<(String, Text)>,
}

//! What a verb gives when it held.

use std::time::Duration;

use reports::{CommandResult, FrameRef, Look};
use scenarios::Text;

/// What a verb gives when it held: evidence for the reports, and news for the scenario.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// What was looked for and found.
    pub look: Option<Look>,
    /// A command and its answer.
    pub command: Option<CommandResult>,
    /// From the last thing that was done to the machine to the first picture that shows what was looked for.
    pub after: Option<Duration>,
    /// A frame that the step chose as its evidence.
    pub frame: Option<FrameRef>,
    /// The value that the step saves in a variable, with the variable's name.
    pub saved: Option<(String, Text)>,
}

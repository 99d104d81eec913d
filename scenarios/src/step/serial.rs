use std::time::Duration;

use crate::{Pattern, Phase, Rendered, Text};

/// `serial`: talks over the serial console.
#[derive(Debug, Clone, PartialEq)]
pub struct Serial<P: Phase = Rendered> {
    /// What is sent first.
    pub send: Option<P::Of<Text>>,
    /// Whether what is sent must not be shown.
    pub secret: bool,
    /// What is waited for then.
    pub wait: Option<SerialWait<P>>,
}

/// What a `serial` step waits for.
#[derive(Debug, Clone, PartialEq)]
pub enum SerialWait<P: Phase = Rendered> {
    /// Text that the machine has written since the last match of the scenario, or writes now.
    Appears {
        /// The expression.
        pattern: P::Of<Pattern>,
        /// The variable that takes the first group of the match, or the whole match where there is none.
        save: Option<String>,
    },
    /// Text that the machine must not write during a time from now on.
    Absent {
        /// The expression.
        pattern: P::Of<Pattern>,
        /// How long.
        lasts: P::Of<Duration>,
    },
}

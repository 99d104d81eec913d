use std::time::Duration;

use crate::{Phase, Rendered, Text};

/// `type`: types text on the keyboard.
#[derive(Debug, Clone, PartialEq)]
pub struct Type<P: Phase = Rendered> {
    /// The text; secret when the step says so or a secret is in it.
    pub text: P::Of<Text>,
    /// Whether the step says that the text must not be shown. A rendered text is then secret itself.
    pub secret: bool,
    /// Whether Enter is pressed after it.
    pub enter: bool,
    /// Time from one character to the next; absent: as fast as the machine takes them.
    pub every: Option<P::Of<Duration>>,
}

use crate::{Phase, Rendered, Text};

/// `screenshot`: keeps the current frame as evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Screenshot<P: Phase = Rendered> {
    /// What it is called.
    pub name: Option<P::Of<Text>>,
}

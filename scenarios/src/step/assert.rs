use crate::{Condition, Phase, Rendered, Text};

/// `assert`: a condition that must be true now.
#[derive(Debug, Clone, PartialEq)]
pub struct Assert<P: Phase = Rendered> {
    /// The condition.
    pub that: Condition,
    /// What to say when it is not.
    pub message: Option<P::Of<Text>>,
}

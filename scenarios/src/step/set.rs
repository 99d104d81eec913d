use crate::{Phase, Rendered, Text};

/// `set`: gives variables values.
#[derive(Debug, Clone, PartialEq)]
pub struct Set<P: Phase = Rendered> {
    /// Names and values, in the order written; all values are rendered before the first is set.
    pub vars: Vec<(String, P::Of<Text>)>,
}

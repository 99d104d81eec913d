use crate::{Phase, Rendered, Text};

/// `include`: the steps of a fragment.
#[derive(Debug, Clone, PartialEq)]
pub struct Include<P: Phase = Rendered> {
    /// Path of the fragment, relative to the file the step is written in.
    pub file: String,
    /// Values of variables for these steps.
    pub vars: Vec<(String, P::Of<Text>)>,
}

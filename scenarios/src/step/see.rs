use std::time::Duration;

use crate::{Phase, Rendered, TagQuery};

/// `see`: waits until a needle is on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct See<P: Phase = Rendered> {
    /// What is looked for.
    pub needle: TagQuery<P>,
    /// What must not be on the screen at the same time.
    pub not: Option<TagQuery<P>>,
    /// How long it must stay without a break.
    pub stays: Option<P::Of<Duration>>,
}

use crate::{Phase, Rendered, TagQuery};

/// `gone`: waits until no such needle is on the screen any more.
#[derive(Debug, Clone, PartialEq)]
pub struct Gone<P: Phase = Rendered> {
    /// What must not be there; of several, none.
    pub needle: TagQuery<P>,
}

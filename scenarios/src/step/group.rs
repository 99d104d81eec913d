use crate::{Phase, Rendered, Text};

/// `group`: steps with a name; they are [`Step::steps`](crate::Step::steps).
#[derive(Debug, Clone, PartialEq)]
pub struct Group<P: Phase = Rendered> {
    /// Its name.
    pub name: P::Of<Text>,
    /// How often it is tried again from its first step after a failure.
    pub retry: u32,
    /// Whether the scenario goes on when it fails.
    pub optional: bool,
}

use std::time::Duration;

use crate::{KeyCombo, Phase, Rendered, TagQuery};

/// `press`: presses keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Press<P: Phase = Rendered> {
    /// Combinations, pressed one after the other; at least one.
    pub keys: Vec<P::Of<KeyCombo>>,
    /// How often at most; absent: once, or with `until` as often as the deadline allows.
    pub repeat: Option<P::Of<u32>>,
    /// Stops as soon as this needle is on the screen; the step fails when it never is.
    pub until: Option<TagQuery<P>>,
    /// Time from one press to the next; absent: the engine's default.
    pub every: Option<P::Of<Duration>>,
}

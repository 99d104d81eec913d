use std::time::Duration;

use crate::{KeyCombo, Phase, Rendered};

/// `hold`: holds keys down for a time, or while the nested steps ([`Step::steps`](crate::Step::steps)) run.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold<P: Phase = Rendered> {
    /// The keys.
    pub keys: P::Of<KeyCombo>,
    /// For how long; absent exactly when there are nested steps.
    pub lasts: Option<P::Of<Duration>>,
}

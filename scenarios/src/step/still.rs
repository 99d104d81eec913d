use std::time::Duration;

use crate::{Area, Phase, Rendered};

/// `still`: waits until the screen has not changed for some time.
#[derive(Debug, Clone, PartialEq)]
pub struct Still<P: Phase = Rendered> {
    /// How long nothing may change.
    pub stays: P::Of<Duration>,
    /// Frames more alike than this are the same, in dB (peak signal-to-noise ratio); absent: the engine's default.
    pub level: Option<P::Of<f64>>,
    /// Areas where changes do not count: a clock, a cursor.
    pub ignore: Vec<Area>,
}

use crate::{Area, Phase, Rendered};

/// `changed`: waits until the screen is no longer what it was when the step before began.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed<P: Phase = Rendered> {
    /// Frames less alike than this differ, in dB (peak signal-to-noise ratio); absent: the engine's default.
    pub level: Option<P::Of<f64>>,
    /// Areas where changes do not count.
    pub ignore: Vec<Area>,
}

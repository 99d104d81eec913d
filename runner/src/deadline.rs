//! Scales deadlines to the speed of a machine. Deadlines are judged in `engine::wait`.
//!
//! Scenarios state deadlines for a machine with hardware virtualization. Emulation makes a guest slower, so deadlines
//! are multiplied by a factor; the report shows it. Measured on the reference images: GNOME reaches its greeter in
//! about 98 s under emulation on two cores, in twice that time on a busy host, and in some 15 s with hardware
//! virtualization.

use std::time::Duration;

/// The factor for emulation of any architecture. 98 s against 15 s is 6.5; it is rounded up, because a longer deadline
/// costs time only if a step fails.
pub(crate) const EMULATED: f64 = 8.0;

/// The factor by which deadlines are multiplied.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale(f64);

impl Scale {
    /// Makes the factor for a machine: 1 with hardware virtualization, [`EMULATED`] without, times the requested
    /// factor.
    pub(crate) fn new(emulated: bool, requested: Option<f64>) -> Self {
        let machine = if emulated { EMULATED } else { 1.0 };
        Self(machine * requested.unwrap_or(1.0))
    }

    /// Returns the factor.
    pub(crate) fn factor(self) -> f64 {
        self.0
    }

    /// Multiplies a stated deadline by the factor.
    pub(crate) fn apply(self, stated: Duration) -> Duration {
        // The limit of one day keeps the product in range, whatever factor was typed.
        Duration::try_from_secs_f64(stated.as_secs_f64() * self.0)
            .unwrap_or(Duration::MAX)
            .min(Duration::from_secs(24 * 60 * 60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_grow_with_emulation_and_with_the_users_factor() {
        let second = Duration::from_secs(1);
        assert_eq!(Scale::new(false, None).apply(second), second);
        assert_eq!(Scale::new(true, None).apply(second), second * 8);
        assert_eq!(Scale::new(true, Some(0.5)).apply(second), second * 4);
        let day = Duration::from_secs(86_400);
        assert_eq!(Scale::new(true, Some(1000.0)).apply(Duration::MAX), day);
    }
}

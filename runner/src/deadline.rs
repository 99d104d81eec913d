//! How long a step may take on this machine.
//!
//! Scenarios state deadlines for a machine with hardware virtualization. Emulation makes a guest slower by a factor, so
//! deadlines are multiplied by it; the report says by how much. Measured on the reference images: GNOME reaches its
//! greeter in about 98 s under emulation on two cores (and twice that when the host is busy with other work), against
//! some 15 s with hardware virtualization.

use std::time::Duration;

/// Emulation of any architecture: 98 s against 15 s is 6.5; rounded up because a deadline only costs time when it
/// passes.
pub(crate) const EMULATED: f64 = 8.0;

/// What deadlines are multiplied by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale(f64);

impl Scale {
    /// The factor for a machine: 1 with hardware virtualization, [`EMULATED`] without, times what the user asks for.
    pub(crate) fn new(emulated: bool, requested: Option<f64>) -> Self {
        let machine = if emulated { EMULATED } else { 1.0 };
        Self(machine * requested.unwrap_or(1.0))
    }

    /// The factor.
    pub(crate) fn factor(self) -> f64 {
        self.0
    }

    /// A deadline as the scenario states it, made to fit the machine.
    pub(crate) fn apply(self, stated: Duration) -> Duration {
        // A day is longer than any step; it keeps the product in range whatever was typed.
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

//! The ways in which the agent ends the guest.

/// The way in which the agent ends the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShutdownMode {
    /// Power off.
    PowerOff,
    /// Restart.
    Reboot,
}

//! The extras of a machine.

/// The extras that a machine offers. Its guest notices none of them, so none is part of the machine's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Offers {
    /// Its main memory is in a file, so that it can be [saved](crate::Machine::save).
    pub saving: bool,
    /// A VNC viewer reaches its screen on this host's loopback, without a password: see
    /// [`Machine::vnc`](crate::Machine::vnc).
    pub vnc: bool,
}

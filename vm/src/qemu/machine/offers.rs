/// The extras that a machine offers beyond running. None is visible to its guest, so none is part of
/// the machine's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Offers {
    /// Its main memory is in a file, so that it can be [saved](crate::Machine::save).
    pub saving: bool,
    /// Its screen can be reached by VNC on this host's loopback, without a password: see
    /// [`Machine::vnc`](crate::Machine::vnc).
    pub vnc: bool,
}

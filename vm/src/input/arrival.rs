//! The progress of keys on their way to the guest.

/// The progress of keys on their way to the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// The guest's driver has taken all of them.
    Taken,
    /// Some wait in the device until the guest asks for them.
    Waiting,
    /// They were sent. Nothing tells whether the guest has taken them.
    Unknown,
}

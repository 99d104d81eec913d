//! The services that a board is reached through.

/// A service that gives a board one or more of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Service {
    /// A place of labgrid.
    Labgrid,
    /// A network KVM with kvmd, such as a PiKVM.
    Kvmd,
    /// A VNC server.
    Vnc,
    /// A management controller with Redfish.
    Redfish,
    /// Commands of the lab.
    Commands,
}

impl Service {
    /// All services.
    pub(super) const ALL: [Self; 5] = [
        Self::Labgrid,
        Self::Kvmd,
        Self::Vnc,
        Self::Redfish,
        Self::Commands,
    ];

    /// Returns its name in project files.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Labgrid => "labgrid",
            Self::Kvmd => "kvmd",
            Self::Vnc => "vnc",
            Self::Redfish => "redfish",
            Self::Commands => "commands",
        }
    }
}

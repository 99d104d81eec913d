use std::{fmt, net::Ipv4Addr};

/// A network card, behind a user-mode network of its own: out to where the host can go; in, only where it
/// is [forwarded](Forward).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Nic {
    /// The card.
    pub model: NicModel,
    /// Ports of the host that lead to the guest.
    pub forwards: Vec<Forward>,
    /// Whether the guest reaches nothing but what is forwarded to it: neither the host nor what is behind it.
    pub restricted: bool,
}

/// A network card's model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum NicModel {
    /// `virtio-net-pci`.
    #[default]
    Virtio,
    /// Intel's 82540EM, which nearly every system has a driver for.
    E1000,
    /// Intel's 82574L.
    E1000e,
    /// Intel's 82576; from QEMU 8.0 on.
    Igb,
    /// Realtek's.
    Rtl8139,
    /// VMware's.
    Vmxnet3,
}

/// A port of the host that leads to one of the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Forward {
    /// What travels.
    pub protocol: Protocol,
    /// The host's address that listens.
    pub host: Ipv4Addr,
    /// The host's port.
    pub host_port: u16,
    /// The guest's port.
    pub guest_port: u16,
}

/// What travels through a forwarded port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Connections.
    Tcp,
    /// Datagrams.
    Udp,
}

impl NicModel {
    /// QEMU's name of the device.
    #[must_use]
    pub fn device(self) -> &'static str {
        match self {
            Self::Virtio => "virtio-net-pci",
            Self::E1000 => "e1000",
            Self::E1000e => "e1000e",
            Self::Igb => "igb",
            Self::Rtl8139 => "rtl8139",
            Self::Vmxnet3 => "vmxnet3",
        }
    }
}

impl Protocol {
    /// As QEMU and people write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

impl fmt::Display for Forward {
    /// As QEMU's `hostfwd` takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            protocol,
            host,
            host_port,
            guest_port,
        } = self;
        let protocol = protocol.name();
        write!(f, "{protocol}:{host}:{host_port}-:{guest_port}")
    }
}

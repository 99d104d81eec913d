//! The network of machines.

use std::{fmt, net::Ipv4Addr};

/// A network card, behind a user-mode network of its own. The guest reaches what the host reaches. Connections to the
/// guest come only by [forwarded ports](Forward).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Nic {
    /// The model of the card.
    pub model: NicModel,
    /// Ports of the host that lead to the guest.
    pub forwards: Vec<Forward>,
    /// True if the guest reaches nothing: neither the host nor other hosts. Forwarded ports still reach the guest.
    pub restricted: bool,
}

/// The model of a network card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum NicModel {
    /// `virtio-net-pci`.
    #[default]
    Virtio,
    /// Intel's 82540EM, for which nearly every system has a driver.
    E1000,
    /// Intel's 82574L.
    E1000e,
    /// Intel's 82576, from QEMU 8.0 on.
    Igb,
    /// Realtek's.
    Rtl8139,
    /// VMware's.
    Vmxnet3,
}

/// A port of the host that leads to one of the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Forward {
    /// The protocol.
    pub protocol: Protocol,
    /// The address of the host that listens.
    pub host: Ipv4Addr,
    /// The port of the host.
    pub host_port: u16,
    /// The port of the guest.
    pub guest_port: u16,
}

/// The protocol of a forwarded port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// TCP connections.
    Tcp,
    /// UDP datagrams.
    Udp,
}

impl NicModel {
    /// Returns QEMU's name of the device.
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
    /// Writes the name that QEMU and people use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

impl fmt::Display for Forward {
    /// Writes the text for QEMU's `hostfwd`.
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

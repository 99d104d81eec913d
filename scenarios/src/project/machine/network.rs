use std::net::Ipv4Addr;

use crate::schema::Shape;
use crate::yaml::{Field, Kind, Node, Reader};

/// The network of a guest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Network {
    /// None.
    #[default]
    Off,
    /// One card of the usual model, on QEMU's user network: out, not in.
    User,
    /// These cards, at least one, each on a user network of its own.
    Cards(Vec<Nic>),
}

/// A network card.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Nic {
    /// Its model.
    pub model: NicModel,
    /// Ports of the host that lead to the guest.
    pub forward: Vec<Forward>,
    /// Whether the guest reaches nothing but what is forwarded to it.
    pub restrict: bool,
}

/// A network card's model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NicModel {
    /// Virtio.
    #[default]
    Virtio,
    /// Intel's 82540EM.
    E1000,
    /// Intel's 82574L.
    E1000e,
    /// Intel's 82576.
    Igb,
    /// Realtek's.
    Rtl8139,
    /// VMware's.
    Vmxnet3,
}

/// A port of the host that leads to one of the guest: `tcp:2222:22`, `udp:127.0.0.1:5353:53`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forward {
    /// What travels.
    pub protocol: Protocol,
    /// The host's address that listens; 127.0.0.1 where none is written.
    pub host: Ipv4Addr,
    /// The host's port, at least 1.
    pub host_port: u16,
    /// The guest's port, at least 1.
    pub guest_port: u16,
}

/// What travels through a forwarded port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Connections.
    Tcp,
    /// Datagrams.
    Udp,
}

impl Network {
    pub(super) const SHAPE: Shape = Shape::OneOf(&[
        Shape::Choice(&["off", "user"]),
        Shape::Fields(&[Nic::FIELDS]),
        Shape::List(&Shape::Fields(&[Nic::FIELDS])),
    ]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        match &node.kind {
            Kind::Map(_) => Nic::read(reader, node).map(|nic| Self::Cards(vec![nic])),
            Kind::List(items) if items.is_empty() => Some(Self::Off),
            Kind::List(items) => reader.all(items, Nic::read).map(Self::Cards),
            Kind::Null | Kind::Scalar { .. } => {
                let has_one = reader.choice(node, "network", &[("off", false), ("user", true)])?;
                Some(if has_one { Self::User } else { Self::Off })
            }
        }
    }
}

impl Nic {
    const FIELDS: &'static [Field] = &[
        Field::optional(
            "model",
            Shape::Choice(&["virtio", "e1000", "e1000e", "igb", "rtl8139", "vmxnet3"]),
            "The network card; `virtio` when absent.",
        ),
        Field::optional(
            "forward",
            Shape::OneOrList(&Shape::Text),
            "Ports of the host that lead to the guest, such as `tcp:2222:22` or `tcp:127.0.0.1:2222:22`.",
        ),
        Field::optional(
            "restrict",
            Shape::Flag,
            "Whether the guest reaches nothing but what is forwarded to it.",
        ),
    ];

    fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "a network card", &[Self::FIELDS])?;
        let models = [
            ("virtio", NicModel::Virtio),
            ("e1000", NicModel::E1000),
            ("e1000e", NicModel::E1000e),
            ("igb", NicModel::Igb),
            ("rtl8139", NicModel::Rtl8139),
            ("vmxnet3", NicModel::Vmxnet3),
        ];
        let model = fields.may("model", reader, |r, n| r.choice(n, "network card", &models));
        let forward = fields.may("forward", reader, |r, n| r.one_or_list(n, Forward::read));
        let restrict = fields.may("restrict", reader, Reader::flag);
        Some(Self {
            model: model?.unwrap_or_default(),
            forward: forward?.unwrap_or_default(),
            restrict: restrict?.unwrap_or_default(),
        })
    }
}

impl Forward {
    fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let text = reader.scalar(node, "a forwarded port such as `tcp:2222:22`")?;
        match Self::parse(text) {
            Some(forward) => Some(forward),
            None => reader.invalid(
                &node.at,
                format!("`{text}` is no forwarded port"),
                "write it like `tcp:2222:22`: protocol (tcp or udp), port of the host, port of the guest; \
                 with the address that listens, `tcp:127.0.0.1:2222:22`",
            ),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let (protocol, host, host_port, guest_port) = match parts.as_slice() {
            [protocol, host_port, guest_port] => (protocol, None, host_port, guest_port),
            [protocol, host, host_port, guest_port] => {
                (protocol, Some(host), host_port, guest_port)
            }
            _ => return None,
        };
        let port = |text: &str| text.parse().ok().filter(|port| *port > 0);
        Some(Self {
            protocol: match *protocol {
                "tcp" => Protocol::Tcp,
                "udp" => Protocol::Udp,
                _ => return None,
            },
            host: match host {
                Some(host) => host.parse().ok()?,
                None => Ipv4Addr::LOCALHOST,
            },
            host_port: port(host_port)?,
            guest_port: port(guest_port)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarded_ports_listen_on_this_host_alone_unless_told() {
        let forward = |protocol, host: [u8; 4], host_port, guest_port| Forward {
            protocol,
            host: host.into(),
            host_port,
            guest_port,
        };
        for (text, expected) in [
            (
                "tcp:2222:22",
                forward(Protocol::Tcp, [127, 0, 0, 1], 2222, 22),
            ),
            (
                "udp:0.0.0.0:5353:53",
                forward(Protocol::Udp, [0, 0, 0, 0], 5353, 53),
            ),
        ] {
            assert_eq!(Forward::parse(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "2222:22",
            "tcp:22",
            "sctp:1:2",
            "tcp:0:22",
            "tcp:2222:0",
            "tcp:70000:22",
            "tcp:localhost:2222:22",
            "tcp:127.0.0.1:2222:22:1",
            "tcp::2222:22",
            "tcp:-1:22",
        ] {
            assert_eq!(Forward::parse(text), None, "{text}");
        }
    }
}

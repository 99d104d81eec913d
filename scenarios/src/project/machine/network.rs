//! The network cards of a machine, and forwarded ports.

use std::net::Ipv4Addr;

use crate::yaml::{Field, Kind, Node, Reader, Shape};

/// The network of a guest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Network {
    /// None.
    #[default]
    Off,
    /// One card of the default model on QEMU's user network. The guest can connect out, but nothing can connect in.
    User,
    /// These cards, at least one, each on its own user network.
    Cards(Vec<Nic>),
}

/// A network card.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Nic {
    /// The model.
    pub model: NicModel,
    /// Ports of the host that are forwarded to the guest.
    pub forward: Vec<Forward>,
    /// True if the guest can reach nothing except the forwarded ports.
    pub restrict: bool,
}

/// The model of a network card.
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
    /// Realtek's RTL8139.
    Rtl8139,
    /// VMware's VMXNET3.
    Vmxnet3,
}

/// A port of the host that is forwarded to the guest: `tcp:2222:22`, `udp:127.0.0.1:5353:53`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forward {
    /// The protocol.
    pub protocol: Protocol,
    /// The host's address that listens. Default: 127.0.0.1.
    pub host: Ipv4Addr,
    /// The host's port, at least 1.
    pub host_port: u16,
    /// The guest's port, at least 1.
    pub guest_port: u16,
}

/// The protocol of a forwarded port.
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
        let network = Self::read_cards(reader, node)?;
        if let Self::Cards(cards) = &network
            && let Some(twice) = taken_twice(cards)
        {
            return reader.invalid(
                &node.at,
                format!(
                    "two forwards of the machine want port {} of the host",
                    twice.host_port
                ),
                "give each its own port of the host",
            );
        }
        Some(network)
    }

    fn read_cards(reader: &mut Reader, node: &Node) -> Option<Self> {
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

/// Returns a forward whose port of the host is already used by another one.
fn taken_twice(cards: &[Nic]) -> Option<&Forward> {
    let all: Vec<&Forward> = cards.iter().flat_map(|card| &card.forward).collect();
    let is_same = |one: &Forward, other: &Forward| {
        let is_any = one.host.is_unspecified() || other.host.is_unspecified();
        (one.protocol, one.host_port) == (other.protocol, other.host_port)
            && (is_any || one.host == other.host)
    };
    let later = all.iter().enumerate();
    later
        .filter(|(place, forward)| all[..*place].iter().any(|before| is_same(before, forward)))
        .map(|(_, forward)| *forward)
        .next()
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
            "Ports of the host that are forwarded to the guest, such as `tcp:2222:22` or `tcp:127.0.0.1:2222:22`.",
        ),
        Field::optional(
            "restrict",
            Shape::Flag,
            "The guest cannot connect to anything; only forwarded ports work.",
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
        if let Some(number) = no_port(text) {
            return reader.invalid(
                &node.at,
                format!("`{text}` is no forwarded port: {number} is no port"),
                "ports are numbers from 1 to 65535",
            );
        }
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

/// Returns a number in the text that is not a valid port.
fn no_port(text: &str) -> Option<&str> {
    let parts = text.split(':').skip(1);
    let is_number =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.filter(is_number).find(|number| {
        number.parse::<u16>().is_ok_and(|port| port == 0) || number.parse::<u16>().is_err()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_no_port_is_told() {
        for (text, number) in [
            ("tcp:70000:22", Some("70000")),
            ("tcp:2222:0", Some("0")),
            ("udp:127.0.0.1:99999999999:1", Some("99999999999")),
            ("tcp:2222:22", None),
            ("tcp:x:22", None),
        ] {
            assert_eq!(no_port(text), number, "{text}");
        }
    }

    #[test]
    fn one_port_of_the_host_leads_to_one_place() {
        let cards = |ports: &[&[&str]]| -> Vec<Nic> {
            let card = |ports: &&[&str]| Nic {
                forward: ports
                    .iter()
                    .filter_map(|port| Forward::parse(port))
                    .collect(),
                ..Nic::default()
            };
            ports.iter().map(card).collect()
        };
        let twice = |ports: &[&[&str]]| taken_twice(&cards(ports)).map(|forward| forward.host_port);
        assert_eq!(twice(&[&["tcp:2222:22", "tcp:2222:80"]]), Some(2222));
        assert_eq!(
            twice(&[&["tcp:2222:22"], &["tcp:0.0.0.0:2222:22"]]),
            Some(2222)
        );
        assert_eq!(
            twice(&[&["tcp:2222:22", "udp:2222:22", "tcp:2223:22"]]),
            None
        );
        assert_eq!(
            twice(&[&["tcp:127.0.0.1:1:22", "tcp:127.0.0.2:1:22"]]),
            None
        );
    }

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

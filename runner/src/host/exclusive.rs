//! Parts of the host that only one machine at a time can use.

use std::net::Ipv4Addr;

use scenarios::{Machine, Network, Protocol};

/// A part of the host that only one machine at a time can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Exclusive {
    /// A board, by the name of its machine.
    Board(String),
    /// A port that is forwarded to the guest.
    Port {
        protocol: Protocol,
        host: Ipv4Addr,
        port: u16,
    },
}

impl Exclusive {
    /// Returns all such parts that a machine uses.
    pub(crate) fn of(machine: &Machine) -> Vec<Self> {
        if machine.board.is_some() {
            return vec![Self::Board(machine.name.clone())];
        }
        let cards = match &machine.network {
            Network::Off | Network::User => return Vec::new(),
            Network::Cards(cards) => cards,
        };
        let forwards = cards.iter().flat_map(|card| &card.forward);
        forwards
            .map(|forward| Self::Port {
                protocol: forward.protocol,
                host: forward.host,
                port: forward.host_port,
            })
            .collect()
    }

    /// Returns true if two machines that use these cannot run at once.
    pub(crate) fn clashes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Board(name), Self::Board(other)) => name == other,
            (
                Self::Port {
                    protocol,
                    host,
                    port,
                },
                Self::Port {
                    protocol: other_protocol,
                    host: other_host,
                    port: other_port,
                },
            ) => {
                let is_same_address = host == other_host
                    // An unspecified address listens on all.
                    || host.is_unspecified()
                    || other_host.is_unspecified();
                protocol == other_protocol && port == other_port && is_same_address
            }
            (Self::Board(_), Self::Port { .. }) | (Self::Port { .. }, Self::Board(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_clash_where_one_address_would_listen_twice() {
        let port = |protocol, host: [u8; 4], port| Exclusive::Port {
            protocol,
            host: host.into(),
            port,
        };
        let own = port(Protocol::Tcp, [127, 0, 0, 1], 2222);
        for (other, clashes) in [
            (own.clone(), true),
            (port(Protocol::Tcp, [0, 0, 0, 0], 2222), true),
            (port(Protocol::Tcp, [127, 0, 0, 2], 2222), false),
            (port(Protocol::Udp, [127, 0, 0, 1], 2222), false),
            (port(Protocol::Tcp, [127, 0, 0, 1], 2223), false),
        ] {
            assert_eq!(own.clashes(&other), clashes, "{other:?}");
            assert_eq!(other.clashes(&own), clashes, "{other:?}");
        }
    }
}

//! Serial lines of boards.

use super::services::host_and_port;
use crate::yaml::{Field, Node, Reader, Shape};

/// A serial line that this host reaches itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SerialLine {
    /// The bytes of a TCP connection.
    Tcp {
        /// The address as `host:port`.
        address: String,
    },
    /// A serial port of another host, by RFC 2217.
    Rfc2217 {
        /// The address as `host:port`.
        address: String,
        /// The speed in bits a second. Absent: that of the board's profile, else 115,200.
        speed: Option<u32>,
    },
    /// A serial port of this host.
    Device {
        /// The device.
        path: String,
        /// The speed in bits a second. Absent: that of the board's profile, else 115,200.
        speed: Option<u32>,
    },
}

impl SerialLine {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::optional(
            "tcp",
            Shape::Text,
            "The address of a raw TCP connection, as `host:port`.",
        ),
        Field::optional(
            "rfc2217",
            Shape::Text,
            "The address of a serial port of another host, as `host:port`. The protocol is RFC 2217.",
        ),
        Field::optional(
            "device",
            Shape::Text,
            "A serial port of this host, such as `/dev/ttyUSB0`.",
        ),
        Field::optional(
            "speed",
            Shape::Whole(50),
            "The speed in bits a second. When absent: that of the profile, otherwise 115200.",
        ),
    ];

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`serial`", &[Self::FIELDS])?;
        let tcp = fields.may("tcp", reader, host_and_port);
        let rfc2217 = fields.may("rfc2217", reader, host_and_port);
        let device = fields.may("device", reader, Reader::plain);
        let speed = fields.may("speed", reader, |r, n| r.whole(n, 50, 12_000_000));
        let speed = speed?;
        match (tcp?, rfc2217?, device?) {
            (Some(address), None, None) if speed.is_none() => Some(Self::Tcp { address }),
            (Some(_), None, None) => reader.invalid(
                &fields.at,
                "a raw TCP connection has no speed",
                "leave `speed` out, or write `rfc2217` in place of `tcp`",
            ),
            (None, Some(address), None) => Some(Self::Rfc2217 { address, speed }),
            (None, None, Some(path)) => Some(Self::Device {
                path: path.value,
                speed,
            }),
            (_, _, _) => reader.invalid(
                &fields.at,
                "`serial` needs one line",
                "write one of `tcp: host:port`, `rfc2217: host:port` and `device: /dev/...`",
            ),
        }
    }
}

//! The source of each part of a board.

use super::lines::SerialLine;
use super::services::{Certificate, web_address};
use crate::value::SecretSource;
use crate::yaml::{Field, Kind, Node, Reader, Shape};

/// The source of a board's power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PowerSource {
    /// Labgrid.
    Labgrid,
    /// The network KVM.
    Kvmd,
    /// The management controller.
    Redfish,
    /// Commands.
    Commands,
}

/// The source of a board's serial line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SerialSource {
    /// Labgrid.
    Labgrid,
    /// A command.
    Commands,
    /// A line that this host reaches itself.
    Line(SerialLine),
}

/// The source of a board's pictures.
#[derive(Debug, Clone, PartialEq)]
pub enum ScreenSource {
    /// The network KVM.
    Kvmd,
    /// A VNC server.
    Vnc,
    /// A command.
    Commands,
    /// Pictures at an address: a snapshot, or MJPEG.
    Http {
        /// The address.
        address: String,
        /// The user.
        user: Option<String>,
        /// The password.
        password: Option<SecretSource>,
        /// The check of its certificate.
        certificate: Certificate,
    },
    /// A capture device of this host.
    Capture {
        /// The device, such as `/dev/video0`.
        device: String,
    },
}

/// The source of a board's keyboard and pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputSource {
    /// The network KVM.
    Kvmd,
    /// A VNC server.
    Vnc,
    /// A command.
    Commands,
}

/// The way to write a board's storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageSource {
    /// Labgrid.
    Labgrid,
    /// The virtual medium of the network KVM.
    Kvmd,
    /// A command.
    Commands,
}

impl PowerSource {
    pub(super) const NAMES: &'static [(&'static str, Self)] = &[
        ("labgrid", Self::Labgrid),
        ("kvmd", Self::Kvmd),
        ("redfish", Self::Redfish),
        ("commands", Self::Commands),
    ];
}

impl InputSource {
    pub(super) const NAMES: &'static [(&'static str, Self)] = &[
        ("kvmd", Self::Kvmd),
        ("vnc", Self::Vnc),
        ("commands", Self::Commands),
    ];
}

impl StorageSource {
    pub(super) const NAMES: &'static [(&'static str, Self)] = &[
        ("labgrid", Self::Labgrid),
        ("kvmd", Self::Kvmd),
        ("commands", Self::Commands),
    ];
}

impl SerialSource {
    pub(super) const SHAPE: Shape = Shape::OneOf(&[
        Shape::Choice(&["labgrid", "commands"]),
        Shape::Fields(&[SerialLine::FIELDS]),
    ]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        match &node.kind {
            Kind::Map(_) => SerialLine::read(reader, node).map(Self::Line),
            Kind::Null | Kind::Scalar { .. } | Kind::List(_) => {
                let is_labgrid = reader.choice(
                    node,
                    "serial line",
                    &[("labgrid", true), ("commands", false)],
                )?;
                Some(if is_labgrid {
                    Self::Labgrid
                } else {
                    Self::Commands
                })
            }
        }
    }
}

impl ScreenSource {
    pub(super) const SHAPE: Shape = Shape::OneOf(&[
        Shape::Choice(&["kvmd", "vnc", "commands"]),
        Shape::Fields(&[Self::FIELDS]),
    ]);

    const FIELDS: &'static [Field] = &[
        Field::optional(
            "http",
            Shape::Text,
            "The address of pictures: a snapshot (JPEG or PNG) or an MJPEG stream.",
        ),
        Field::optional("user", Shape::Text, "The user of that address."),
        Field::optional(
            "password",
            Shape::Fields(&[SecretSource::FIELDS]),
            "The source of the password of that address.",
        ),
        Field::optional(
            "certificate",
            Shape::Text,
            "The check of the certificate of that address; see `kvmd`.",
        ),
        Field::optional(
            "capture",
            Shape::Text,
            "A capture device of this host, such as `/dev/video0`. It is read with `ustreamer`, or with `ffmpeg` where \
            there is no `ustreamer`.",
        ),
    ];

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        match &node.kind {
            Kind::Map(_) => Self::read_address(reader, node),
            Kind::Null | Kind::Scalar { .. } | Kind::List(_) => {
                let choices = [("kvmd", 0), ("vnc", 1), ("commands", 2)];
                Some(match reader.choice(node, "screen", &choices)? {
                    0 => Self::Kvmd,
                    1 => Self::Vnc,
                    _ => Self::Commands,
                })
            }
        }
    }

    fn read_address(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`screen`", &[Self::FIELDS])?;
        let http = fields.may("http", reader, web_address);
        let user = fields.may("user", reader, Reader::plain);
        let password = fields.may("password", reader, |r, n| {
            SecretSource::read(r, n, "`password`")
        });
        let certificate = fields.may("certificate", reader, Certificate::read);
        let capture = fields.may("capture", reader, Reader::plain);
        let (user, password, certificate) = (user?, password?, certificate?);
        match (http?, capture?) {
            (Some(address), None) => Some(Self::Http {
                address,
                user: user.map(|user| user.value),
                password,
                certificate: certificate.unwrap_or_default(),
            }),
            (None, Some(device)) if user.is_none() && password.is_none() => Some(Self::Capture {
                device: device.value,
            }),
            (_, _) => reader.invalid(
                &fields.at,
                "`screen` needs one source",
                "write either `http: ADDRESS` or `capture: /dev/video0`",
            ),
        }
    }
}

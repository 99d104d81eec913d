//! The services of boards with their addresses.

use std::collections::BTreeMap;

use crate::finding::Spanned;
use crate::value::SecretSource;
use crate::yaml::{Field, Node, Reader, Shape};

/// A place of labgrid.
#[derive(Debug, Clone, PartialEq)]
pub struct Labgrid {
    /// The coordinator as `host:port`. Absent: the one of the client's own environment.
    pub coordinator: Option<String>,
    /// The place.
    pub place: Place,
    /// The site's environment file, relative to the project file.
    pub environment: Option<String>,
    /// The state of the site's strategy that the board is brought to before a run.
    pub state: Option<String>,
    /// The resource of the serial line. Absent: the only one.
    pub resource: Option<String>,
    /// The partition that images are written to with fastboot. Absent: they are written to a medium.
    pub fastboot: Option<String>,
    /// The client program. Absent: `labgrid-client`.
    pub program: Option<String>,
}

/// The choice of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The place of this name.
    Named(String),
    /// Any place with these tags.
    Tagged(BTreeMap<String, String>),
}

/// A network KVM with kvmd.
#[derive(Debug, Clone, PartialEq)]
pub struct Kvmd {
    /// The address, such as `https://kvm7`.
    pub address: String,
    /// The user. Absent: `admin`.
    pub user: Option<String>,
    /// The password.
    pub password: SecretSource,
    /// The key of the second factor, in base32.
    pub totp: Option<SecretSource>,
    /// The check of its certificate.
    pub certificate: Certificate,
}

/// A VNC server.
#[derive(Debug, Clone, PartialEq)]
pub struct Vnc {
    /// The address as `host:port`.
    pub address: String,
    /// The user.
    pub user: Option<String>,
    /// The password.
    pub password: Option<SecretSource>,
}

/// A management controller with Redfish.
#[derive(Debug, Clone, PartialEq)]
pub struct Redfish {
    /// The address, such as `https://bmc7`.
    pub address: String,
    /// The user.
    pub user: Option<String>,
    /// The password.
    pub password: Option<SecretSource>,
    /// The system. Absent: the only one.
    pub system: Option<String>,
    /// The check of its certificate.
    pub certificate: Certificate,
}

/// The check of a server's certificate.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Certificate {
    /// By the authorities that this host trusts.
    #[default]
    System,
    /// Not at all.
    Unchecked,
    /// It must have this SHA-256 fingerprint.
    Fingerprint([u8; 32]),
    /// By the authorities in this file, relative to the project file.
    Authorities(String),
}

const ADDRESS: Field = Field::required("address", Shape::Text, "The address of the service.");
const USER: Field = Field::optional("user", Shape::Text, "The user.");
const PASSWORD: Shape = Shape::Fields(&[SecretSource::FIELDS]);
const CERTIFICATE: Field = Field::optional(
    "certificate",
    Shape::Text,
    "The check of its certificate: `system`, `unchecked`, `sha256:...` for a fingerprint, or the file of an \
    authority; `system` when absent.",
);

impl Labgrid {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::optional("place", Shape::Text, "The name of the place."),
        Field::optional(
            "tags",
            Shape::Names(&Shape::Text),
            "Tags; any free place that has all of them is reserved.",
        ),
        Field::optional(
            "coordinator",
            Shape::Text,
            "The coordinator, as `host:port`. When absent: the one of the client's own settings.",
        ),
        Field::optional(
            "environment",
            Shape::Text,
            "The environment file of the site. The path is relative to this file.",
        ),
        Field::optional(
            "state",
            Shape::Text,
            "A state of the site's strategy, which the board is brought to before a run.",
        ),
        Field::optional(
            "resource",
            Shape::Text,
            "The name of the resource of the serial line, if the place has several.",
        ),
        Field::optional(
            "fastboot",
            Shape::Text,
            "The partition that images are written to with fastboot. When absent: they are written to a medium.",
        ),
        Field::optional(
            "program",
            Shape::Text,
            "The client program; `labgrid-client` when absent.",
        ),
    ];

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`labgrid`", &[Self::FIELDS])?;
        let place = fields.may("place", reader, Reader::plain);
        let tags = fields.may("tags", reader, |reader, node| {
            reader.names(node, "a map of tags", |reader, _, node| {
                Some(reader.scalar(node, "a tag's value")?.to_owned())
            })
        });
        let coordinator = fields.may("coordinator", reader, Reader::plain);
        let environment = fields.may("environment", reader, Reader::plain);
        let state = fields.may("state", reader, Reader::plain);
        let resource = fields.may("resource", reader, Reader::plain);
        let fastboot = fields.may("fastboot", reader, Reader::plain);
        let program = fields.may("program", reader, Reader::plain);
        let place = match (place?, tags?) {
            (Some(name), None) => Place::Named(name.value),
            (None, Some(tags)) if !tags.is_empty() => Place::Tagged(
                tags.into_iter()
                    .map(|(name, value)| (name.value, value))
                    .collect(),
            ),
            (Some(_), Some(_)) | (None, _) => {
                return reader.invalid(
                    &fields.at,
                    "`labgrid` needs a place",
                    "write either `place: NAME` or `tags: { NAME: VALUE }`",
                );
            }
        };
        Some(Self {
            coordinator: text(coordinator?),
            place,
            environment: text(environment?),
            state: text(state?),
            resource: text(resource?),
            fastboot: text(fastboot?),
            program: text(program?),
        })
    }
}

impl Kvmd {
    pub(super) const FIELDS: &'static [Field] = &[
        ADDRESS,
        Field::optional("user", Shape::Text, "The user; `admin` when absent."),
        Field::required("password", PASSWORD, "The source of the password."),
        Field::optional(
            "totp",
            PASSWORD,
            "The source of the key for one-time passwords, in base32, if the KVM wants a second factor.",
        ),
        CERTIFICATE,
    ];

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`kvmd`", &[Self::FIELDS])?;
        let address = fields.need("address", reader, web_address);
        let user = fields.may("user", reader, Reader::plain);
        let password = fields.need("password", reader, |r, n| {
            SecretSource::read(r, n, "`password`")
        });
        let totp = fields.may("totp", reader, |r, n| SecretSource::read(r, n, "`totp`"));
        let certificate = fields.may("certificate", reader, Certificate::read);
        Some(Self {
            address: address?,
            user: text(user?),
            password: password?,
            totp: totp?,
            certificate: certificate?.unwrap_or_default(),
        })
    }
}

impl Vnc {
    pub(super) const FIELDS: &'static [Field] = &[
        ADDRESS,
        USER,
        Field::optional("password", PASSWORD, "The source of the password."),
    ];

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`vnc`", &[Self::FIELDS])?;
        let address = fields.need("address", reader, host_and_port);
        let user = fields.may("user", reader, Reader::plain);
        let password = fields.may("password", reader, |r, n| {
            SecretSource::read(r, n, "`password`")
        });
        Some(Self {
            address: address?,
            user: text(user?),
            password: password?,
        })
    }
}

impl Redfish {
    pub(super) const FIELDS: &'static [Field] = &[
        ADDRESS,
        USER,
        Field::optional("password", PASSWORD, "The source of the password."),
        Field::optional(
            "system",
            Shape::Text,
            "The id of the system; the only one when absent.",
        ),
        CERTIFICATE,
    ];

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`redfish`", &[Self::FIELDS])?;
        let address = fields.need("address", reader, web_address);
        let user = fields.may("user", reader, Reader::plain);
        let password = fields.may("password", reader, |r, n| {
            SecretSource::read(r, n, "`password`")
        });
        let system = fields.may("system", reader, Reader::plain);
        let certificate = fields.may("certificate", reader, Certificate::read);
        Some(Self {
            address: address?,
            user: text(user?),
            password: password?,
            system: text(system?),
            certificate: certificate?.unwrap_or_default(),
        })
    }
}

impl Certificate {
    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let text = reader.plain(node)?;
        match text.value.as_str() {
            "system" => return Some(Self::System),
            "unchecked" => return Some(Self::Unchecked),
            _ => {}
        }
        let Some(hex) = text.value.strip_prefix("sha256:") else {
            return Some(Self::Authorities(text.value));
        };
        let digits: String = hex.chars().filter(|letter| *letter != ':').collect();
        let bytes: Option<Vec<u8>> = (0..digits.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok())
            .collect();
        match bytes.map(<[u8; 32]>::try_from) {
            Some(Ok(bytes)) => Some(Self::Fingerprint(bytes)),
            Some(Err(_)) | None => reader.invalid(
                &text.at,
                "this is no SHA-256 fingerprint",
                "a fingerprint is `sha256:` and 64 hexadecimal digits",
            ),
        }
    }
}

/// Reads the address of a service that speaks HTTP.
pub(super) fn web_address(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.plain(node)?;
    let host = ["http://", "https://"]
        .iter()
        .find_map(|scheme| text.value.strip_prefix(scheme));
    match host {
        Some(host) if !host.is_empty() && !host.starts_with('/') => Some(text.value),
        Some(_) | None => reader.invalid(
            &text.at,
            format!("`{}` is no address of a web service", text.value),
            "an address begins with `https://` or `http://` and a host",
        ),
    }
}

/// Reads `host:port`.
pub(super) fn host_and_port(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.plain(node)?;
    let good = text.value.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    match good {
        true => Some(text.value),
        false => reader.invalid(
            &text.at,
            format!("`{}` is no address with a port", text.value),
            "write it as `host:port`, such as `lab:5901`",
        ),
    }
}

fn text(written: Option<Spanned<String>>) -> Option<String> {
    written.map(|text| text.value)
}

//! Credentials for the guest's systemd.

use crate::finding::Span;
use crate::value::SecretSource;
use crate::yaml::{Kind, Node, Reader, Shape};

/// A credential for the guest's systemd, which passes it to services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The name, such as `passwd.plaintext-password.root`.
    pub name: String,
    /// The value.
    pub value: CredentialValue,
    /// The place of its declaration.
    pub at: Span,
}

/// The value of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialValue {
    /// The text as written.
    Text(String),
    /// A secret, which the caller reads.
    Secret(SecretSource),
}

impl Credential {
    pub(super) const SHAPE: Shape = Shape::Names(&Shape::OneOf(&[
        Shape::Text,
        Shape::Fields(&[SecretSource::FIELDS]),
    ]));

    /// Reads `credentials:`.
    pub(super) fn read_all(reader: &mut Reader, node: &Node) -> Option<Vec<Self>> {
        let read = reader.names(
            node,
            "a map from names of credentials to values",
            |reader, name, node| match &node.kind {
                Kind::Map(_) => {
                    SecretSource::read(reader, node, &format!("the credential `{name}`"))
                        .map(CredentialValue::Secret)
                }
                Kind::Null | Kind::Scalar { .. } | Kind::List(_) => reader
                    .scalar(node, "text, `{ env: NAME }` or `{ file: path }`")
                    .map(|text| CredentialValue::Text(text.to_owned())),
            },
        )?;
        let mut all = Vec::new();
        for (name, value) in read {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_@".contains(&byte);
            let good = name.value.bytes().all(plain) && (1..=255).contains(&name.value.len());
            if !good || name.value.starts_with('.') {
                return reader.invalid(
                    &name.at,
                    format!("`{}` cannot be the name of a credential", name.value),
                    "use letters, digits and `.`, `-`, `_`, `@`, as in `passwd.plaintext-password.root`",
                );
            }
            all.push(Self {
                name: name.value,
                value,
                at: name.at,
            });
        }
        Some(all)
    }
}

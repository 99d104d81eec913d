//! Secrets as a file declares them.

use super::variable::own_name;
use crate::finding::Span;
use crate::yaml::{Field, Node, Reader, Shape};

/// The source of a secret's value. The caller reads it; this crate never does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable: `{ env: NAME }`.
    Env(String),
    /// A file, relative to the file that declares it: `{ file: path }`. A final line end is not part of the value.
    File(String),
}

/// A declared secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// The name of the variable.
    pub name: String,
    /// The source of the value.
    pub source: SecretSource,
    /// The place of its declaration.
    pub at: Span,
}

impl SecretSource {
    pub(crate) const FIELDS: &'static [Field] = &[
        Field::optional(
            "env",
            Shape::Text,
            "The environment variable that holds the secret.",
        ),
        Field::optional(
            "file",
            Shape::Text,
            "The file that holds the secret. The path is relative to this file.",
        ),
    ];

    /// Reads `{ env: NAME }` or `{ file: path }`. Messages name the owner `what`.
    pub(crate) fn read(reader: &mut Reader, node: &Node, what: &str) -> Option<Self> {
        let fields = reader.fields(node, what, &[Self::FIELDS])?;
        let env = fields.may("env", reader, Reader::plain)?;
        let file = fields.may("file", reader, Reader::plain)?;
        match (env, file) {
            (Some(env), None) => Some(Self::Env(env.value)),
            (None, Some(file)) => Some(Self::File(file.value)),
            _ => reader.invalid(
                &fields.at,
                format!("{what} needs one place it comes from"),
                "write either `env: NAME` or `file: path`",
            ),
        }
    }
}

impl Secret {
    pub(crate) const SHAPE: Shape = Shape::Names(&Shape::Fields(&[SecretSource::FIELDS]));

    /// Reads `secrets:`.
    pub(crate) fn read_all(reader: &mut Reader, node: &Node) -> Option<Vec<Self>> {
        let read = reader.names(
            node,
            "a map from names to `{ env: NAME }` or `{ file: path }`",
            |reader, name, node| {
                let what = format!("the secret `{name}`");
                if !node.is_map() {
                    return reader.invalid(
                        &node.at,
                        "a secret is not written into the file",
                        "say where it comes from: `{ env: NAME }` or `{ file: path }`",
                    );
                }
                SecretSource::read(reader, node, &what)
            },
        )?;
        let mut secrets = Vec::new();
        for (name, source) in read {
            let own = own_name(reader, &name)?;
            secrets.push(Self {
                name: own,
                source,
                at: name.at,
            });
        }
        Some(secrets)
    }
}

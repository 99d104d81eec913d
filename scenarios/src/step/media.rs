//! The verb `media`.

use std::fmt;

use super::modifiers::fields;
use crate::finding::{Diagnostic, Span};
use crate::value::{
    FromText, Phase, Rendered, Shown, Templated, Text, Visitor, Written, show_no_secret,
};
use crate::yaml::{Field, Kind, Node, Reader, Shape};

/// `media`: changes the CD in the machine's drive.
#[derive(Debug, Clone, PartialEq)]
pub enum Media<P: Phase = Rendered> {
    /// Removes the CD.
    Eject,
    /// Inserts another CD.
    Insert {
        /// The CD or DVD.
        file: P::Of<MediumFile>,
    },
}

/// The path of an ISO or raw image, relative to the project file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediumFile(String);

impl MediumFile {
    /// Returns the path as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromText for MediumFile {
    fn from_text(text: &Text, at: &Span) -> Result<Self, Diagnostic> {
        show_no_secret(text, at, "the path of a medium")?;
        Ok(Self(text.reveal().to_owned()))
    }
}

impl Shown for MediumFile {
    fn shown(&self) -> String {
        self.0.clone()
    }
}

impl fmt::Display for MediumFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Media<Written> {
    pub(super) const FIELDS: &'static [Field] = &[Field::required(
        "insert",
        Shape::Text,
        "Path of an ISO or raw image, relative to the project file: the machine only reads it.",
    )];
    pub(super) const SHAPE: Shape =
        Shape::OneOf(&[Shape::Choice(&["eject"]), Shape::Fields(&[Self::FIELDS])]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        match &node.kind {
            Kind::Map(_) => {
                let fields = fields(reader, node, "media", Self::FIELDS)?;
                let file = fields.need("insert", reader, Templated::read_filled)?;
                Some(Self::Insert { file })
            }
            Kind::Scalar { text, .. } if text == "eject" => Some(Self::Eject),
            Kind::Scalar { text, .. } => reader.invalid(
                &node.at,
                format!("`{text}` is nothing that can be done with the drive"),
                "write `media: eject`, or `media: { insert: install.iso }`",
            ),
            Kind::Null | Kind::List(_) => {
                reader.scalar(node, "`eject`, or a map with the field `insert`")?;
                None
            }
        }
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Media<V::To>, Diagnostic> {
        Ok(match self {
            Self::Eject => Media::Eject,
            Self::Insert { file } => Media::Insert {
                file: visitor.value(file)?,
            },
        })
    }
}

impl<P: Phase> Media<P> {
    pub(super) fn line(&self) -> String {
        match self {
            Self::Eject => "eject".to_owned(),
            Self::Insert { file } => format!("insert {}", file.shown()),
        }
    }
}

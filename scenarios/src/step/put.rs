//! The verb `put`.

use std::fmt;

use super::guest_path::GuestPath;
use super::modifiers::fields;
use super::over::Over;
use crate::finding::{Diagnostic, Span};
use crate::value::{
    FromText, Phase, Rendered, Shown, Templated, Text, Visitor, Written, not_a, show_no_secret,
};
use crate::yaml::{Field, Node, Reader, Shape};

/// `put`: writes a file in the guest.
#[derive(Debug, Clone, PartialEq)]
pub struct Put<P: Phase = Rendered> {
    /// The content of the file.
    pub content: PutContent<P>,
    /// The file in the guest. A file that is there is overwritten, and keeps its owner.
    pub to: P::Of<GuestPath>,
    /// The permissions of the file. Absent: those that it has, or 0644 for a new file.
    pub mode: Option<P::Of<FileMode>>,
    /// The way to the guest. Absent: the agent if the machine has one, else the serial console.
    pub over: Option<Over>,
}

/// The content of a file that is written in the guest.
#[derive(Debug, Clone, PartialEq)]
pub enum PutContent<P: Phase = Rendered> {
    /// The content of a file of the project.
    File(P::Of<ProjectFile>),
    /// A text.
    Text(P::Of<Text>),
}

/// The path of a file, relative to the project file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectFile(String);

impl ProjectFile {
    /// Returns the path as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromText for ProjectFile {
    fn from_text(text: &Text, at: &Span) -> Result<Self, Diagnostic> {
        show_no_secret(text, at, "the path of a file")?;
        Ok(Self(text.reveal().to_owned()))
    }
}

impl Shown for ProjectFile {
    fn shown(&self) -> String {
        self.0.clone()
    }
}

/// The permissions of a file, as `chmod` takes them in octal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileMode(u32);

impl FromText for FileMode {
    fn from_text(text: &Text, at: &Span) -> Result<Self, Diagnostic> {
        show_no_secret(text, at, "the mode of a file")?;
        let written = text.reveal().trim();
        let is_octal = matches!(written.len(), 3 | 4)
            && written.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
        match u32::from_str_radix(written, 8) {
            Ok(mode) if is_octal => Ok(Self(mode)),
            Ok(_) | Err(_) => Err(not_a("the mode of a file", written, at)
                .with_help("write three or four octal digits, as for `chmod`: \"0644\"")),
        }
    }
}

impl fmt::Display for FileMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

impl Shown for FileMode {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Put<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::optional(
            "file",
            Shape::Text,
            "Path of the file to copy, relative to the project file.",
        ),
        Field::optional(
            "text",
            Shape::Text,
            "The text to write, instead of the content of a file.",
        ),
        Field::required("to", Shape::Text, "Absolute path of the file in the guest."),
        Field::optional(
            "mode",
            Shape::Text,
            "The permissions of the file in octal, such as \"0644\". When absent, a file that is there keeps its own, \
            and a new one has 0644.",
        ),
        Over::FIELD,
    ];
    pub(super) const SHAPE: Shape = Shape::Fields(&[Self::FIELDS]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = fields(reader, node, "put", Self::FIELDS)?;
        let file = fields.may("file", reader, Templated::read_filled);
        let text = fields.may("text", reader, Templated::read);
        let to = fields.need("to", reader, Templated::read_filled);
        let mode = fields.may("mode", reader, Templated::read);
        let over = fields.may("over", reader, Over::read);
        let content = match (file?, text?) {
            (Some(file), None) => Some(PutContent::File(file)),
            (None, Some(text)) => Some(PutContent::Text(text)),
            (Some(_), Some(_)) | (None, None) => reader.invalid(
                &fields.at,
                "`put` needs one content",
                "write either `file: path` or `text: ...`",
            ),
        };
        Some(Self {
            content: content?,
            to: to?,
            mode: mode?,
            over: over?,
        })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Put<V::To>, Diagnostic> {
        Ok(Put {
            content: match &self.content {
                PutContent::File(file) => PutContent::File(visitor.value(file)?),
                PutContent::Text(text) => PutContent::Text(visitor.value(text)?),
            },
            to: visitor.value(&self.to)?,
            mode: visitor.option(&self.mode)?,
            over: self.over,
        })
    }
}

impl<P: Phase> Put<P> {
    pub(super) fn line(&self) -> String {
        let to = self.to.shown();
        match &self.content {
            PutContent::File(file) => format!("{} to {to}", file.shown()),
            PutContent::Text(_) => format!("text to {to}"),
        }
    }
}

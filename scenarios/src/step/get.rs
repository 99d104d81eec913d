//! The verb `get`.

use super::guest_path::GuestPath;
use super::modifiers::fields;
use super::over::Over;
use crate::finding::Diagnostic;
use crate::value::{Phase, Rendered, Shown, Templated, Visitor, Written, read_variable};
use crate::yaml::{Field, Node, Reader, Shape};

/// `get`: copies a file of the guest into the results, or its content into a variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Get<P: Phase = Rendered> {
    /// The file in the guest.
    pub file: P::Of<GuestPath>,
    /// The variable for its content. Final line ends are removed. Absent: the file is kept in the results.
    pub save: Option<String>,
    /// True if the file may be absent.
    pub optional: bool,
    /// The way to the guest. Absent: the agent if the machine has one, else the serial console.
    pub over: Option<Over>,
}

impl Get<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required(
            "file",
            Shape::Text,
            "Absolute path of the file in the guest.",
        ),
        Field::optional(
            "save",
            Shape::Text,
            "The variable for the content of the file, which is not kept in the results then.",
        ),
        Field::optional(
            "optional",
            Shape::Flag,
            "The step holds without the file. A note says that it is absent.",
        ),
        Over::FIELD,
    ];
    pub(super) const SHAPE: Shape = Shape::OneOf(&[Shape::Text, Shape::Fields(&[Self::FIELDS])]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        if !node.is_map() {
            return Some(Self {
                file: Templated::read_filled(reader, node)?,
                save: None,
                optional: false,
                over: None,
            });
        }
        let fields = fields(reader, node, "get", Self::FIELDS)?;
        let file = fields.need("file", reader, Templated::read_filled);
        let save = fields.may("save", reader, read_variable);
        let optional = fields.may("optional", reader, Reader::flag);
        let over = fields.may("over", reader, Over::read);
        Some(Self {
            file: file?,
            save: save?,
            optional: optional?.unwrap_or(false),
            over: over?,
        })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Get<V::To>, Diagnostic> {
        Ok(Get {
            file: visitor.value(&self.file)?,
            save: self.save.clone(),
            optional: self.optional,
            over: self.over,
        })
    }
}

impl<P: Phase> Get<P> {
    pub(super) fn line(&self) -> String {
        self.file.shown()
    }
}

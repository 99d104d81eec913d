//! The keyboard of a guest, and the field `keyboard`.

use super::input_method::InputMethod;
use super::layout::Layout;
use crate::yaml::{Field, Node, Reader, Shape};

/// A layout, and a way to type the characters that it has no key for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Keyboard {
    /// The layout of the keys.
    pub layout: Layout,
    /// The way to type all other characters. Absent: there is none.
    pub beyond: Option<InputMethod>,
}

impl Keyboard {
    const FIELDS: &'static [Field] = &[
        Field::required("layout", Layout::SHAPE, "The layout."),
        Field::optional(
            "beyond",
            InputMethod::SHAPE,
            "The way to type a character that no key types: the compose key of the guest, or Unicode numbers.",
        ),
    ];
    pub(crate) const SHAPE: Shape = Shape::OneOf(&[Layout::SHAPE, Shape::Fields(&[Self::FIELDS])]);
    pub(crate) const FIELD: Field = Field::optional(
        "keyboard",
        Self::SHAPE,
        "The layout of the guest's keyboard; `us` when absent.",
    );

    pub(crate) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        if !node.is_map() {
            return Some(Self {
                layout: reader.choice(node, "layout", Layout::NAMES)?,
                beyond: None,
            });
        }
        let fields = reader.fields(node, "`keyboard`", &[Self::FIELDS])?;
        let layout = fields.need("layout", reader, |r, n| {
            r.choice(n, "layout", Layout::NAMES)
        });
        let beyond = fields.may("beyond", reader, |r, n| {
            r.choice(n, "way", InputMethod::NAMES)
        });
        Some(Self {
            layout: layout?,
            beyond: beyond?,
        })
    }
}

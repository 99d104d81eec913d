//! The verb `changed`.

use super::area::Area;
use super::modifiers::fields;
use crate::finding::Diagnostic;
use crate::value::{Phase, Rendered, Templated, Visitor, Written};
use crate::yaml::{Field, Kind, Node, Reader, Shape};

/// `changed`: waits until the screen differs from the screen before the last input. Without any input, compares with
/// the screen at the beginning of the step.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed<P: Phase = Rendered> {
    /// The likeness below which frames differ, in dB (peak signal-to-noise ratio). Absent: the engine's default.
    pub level: Option<P::Of<f64>>,
    /// Areas where changes do not count.
    pub ignore: Vec<Area>,
}

impl Changed<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::optional(
            "level",
            Shape::Number,
            "The similarity below which two frames count as different, in dB, as in openQA.",
        ),
        Field::optional(
            "ignore",
            Shape::OneOrList(&Shape::Fields(&[Area::FIELDS])),
            "Areas where changes do not count.",
        ),
    ];
    pub(super) const SHAPE: Shape = Shape::OneOf(&[Shape::Nothing, Shape::Fields(&[Self::FIELDS])]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        if node.kind == Kind::Null {
            return Some(Self {
                level: None,
                ignore: Vec::new(),
            });
        }
        let fields = fields(reader, node, "changed", Self::FIELDS)?;
        let level = fields.may("level", reader, Templated::read);
        let ignore = fields.may("ignore", reader, |r, n| r.one_or_list(n, Area::read));
        Some(Self {
            level: level?,
            ignore: ignore?.unwrap_or_default(),
        })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Changed<V::To>, Diagnostic> {
        Ok(Changed {
            level: visitor.option(&self.level)?,
            ignore: self.ignore.clone(),
        })
    }
}

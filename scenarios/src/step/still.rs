//! The verb `still`.

use std::time::Duration;

use super::area::Area;
use super::modifiers::fields;
use crate::finding::Diagnostic;
use crate::value::{Phase, Rendered, Shown, Templated, Visitor, Written};
use crate::yaml::{Field, Node, Reader, Shape};

/// `still`: waits until the screen has not changed for some time.
#[derive(Debug, Clone, PartialEq)]
pub struct Still<P: Phase = Rendered> {
    /// The time without a change.
    pub stays: P::Of<Duration>,
    /// The likeness above which frames are the same, in dB (peak signal-to-noise ratio). Absent: the engine's default.
    pub level: Option<P::Of<f64>>,
    /// Areas where changes do not count, such as a clock or a cursor.
    pub ignore: Vec<Area>,
}

impl Still<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required(
            "for",
            Shape::Duration,
            "The time in which nothing may change.",
        ),
        Field::optional(
            "level",
            Shape::Number,
            "The similarity from which two frames count as equal, in dB, as in openQA.",
        ),
        Field::optional(
            "ignore",
            Shape::OneOrList(&Shape::Fields(&[Area::FIELDS])),
            "Areas where changes do not count.",
        ),
    ];
    pub(super) const SHAPE: Shape =
        Shape::OneOf(&[Shape::Duration, Shape::Fields(&[Self::FIELDS])]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        if !node.is_map() {
            let stays = Templated::read(reader, node)?;
            return Some(Self {
                stays,
                level: None,
                ignore: Vec::new(),
            });
        }
        let fields = fields(reader, node, "still", Self::FIELDS)?;
        let stays = fields.need("for", reader, Templated::read);
        let level = fields.may("level", reader, Templated::read);
        let ignore = fields.may("ignore", reader, |r, n| r.one_or_list(n, Area::read));
        Some(Self {
            stays: stays?,
            level: level?,
            ignore: ignore?.unwrap_or_default(),
        })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Still<V::To>, Diagnostic> {
        Ok(Still {
            stays: visitor.value(&self.stays)?,
            level: visitor.option(&self.level)?,
            ignore: self.ignore.clone(),
        })
    }
}

impl<P: Phase> Still<P> {
    pub(super) fn line(&self) -> String {
        format!("for {}", self.stays.shown())
    }
}

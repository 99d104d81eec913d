//! Rectangles of the screen.

use crate::yaml::{Field, Node, Reader, Shape};

/// A rectangle of the screen, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// Width in pixels, at least 1.
    pub width: u32,
    /// Height in pixels, at least 1.
    pub height: u32,
}

impl Area {
    /// The greatest coordinate. No screen is larger.
    const LARGEST: u32 = 16_384;

    pub(super) const FIELDS: &'static [Field] = &[
        Field::required("x", Shape::Whole(0), "Left edge, in pixels."),
        Field::required("y", Shape::Whole(0), "Upper edge, in pixels."),
        Field::required("width", Shape::Whole(1), "Width in pixels."),
        Field::required("height", Shape::Whole(1), "Height in pixels."),
    ];

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "an area", &[Self::FIELDS])?;
        let x = fields.need("x", reader, |r, n| r.whole(n, 0, Self::LARGEST));
        let y = fields.need("y", reader, |r, n| r.whole(n, 0, Self::LARGEST));
        let width = fields.need("width", reader, |r, n| r.whole(n, 1, Self::LARGEST));
        let height = fields.need("height", reader, |r, n| r.whole(n, 1, Self::LARGEST));
        Some(Self {
            x: x?,
            y: y?,
            width: width?,
            height: height?,
        })
    }
}

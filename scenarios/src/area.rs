use crate::schema::Shape;
use crate::yaml::Field;

/// A rectangle of the screen, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// How wide, at least 1.
    pub width: u32,
    /// How high, at least 1.
    pub height: u32,
}

impl Area {
    /// No screen is larger.
    pub(crate) const LARGEST: u32 = 16_384;

    pub(crate) const FIELDS: &'static [Field] = &[
        Field::required("x", Shape::Whole(0), "Left edge, in pixels."),
        Field::required("y", Shape::Whole(0), "Upper edge, in pixels."),
        Field::required("width", Shape::Whole(1), "Width in pixels."),
        Field::required("height", Shape::Whole(1), "Height in pixels."),
    ];
}

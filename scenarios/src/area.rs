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

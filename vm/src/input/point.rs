//! A place on the screen.

/// A pixel of a screen. The size of the screen is that of the frame on which the place was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The distance from the left, less than `width`.
    pub x: u32,
    /// The distance from the top, less than `height`.
    pub y: u32,
    /// The width of the screen in pixels.
    pub width: u32,
    /// The height of the screen in pixels.
    pub height: u32,
}

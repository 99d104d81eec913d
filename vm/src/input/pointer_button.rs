//! The buttons and the wheel of a pointer.

/// A button of the pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PointerButton {
    /// The first.
    #[default]
    Left,
    /// The wheel's or third.
    Middle,
    /// The second.
    Right,
}

/// A way to turn the wheel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScrollDirection {
    /// Towards the start of a text.
    Up,
    /// Towards the end of a text.
    Down,
}

use crate::{Phase, Rendered, TagQuery, Text};

/// A button of the pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Button {
    /// The left one.
    #[default]
    Left,
    /// The middle one.
    Middle,
    /// The right one.
    Right,
}

/// A place on the screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Target<P: Phase = Rendered> {
    /// A click point of a needle, which is waited for.
    Needle {
        /// What is looked for.
        needle: TagQuery<P>,
        /// Id of the click point; absent: the needle's only or first one.
        point: Option<P::Of<Text>>,
    },
    /// Pixels from the left and upper edge.
    At {
        /// To the right.
        x: P::Of<u32>,
        /// Down.
        y: P::Of<u32>,
    },
}

/// `click`: presses and releases a button at a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Click<P: Phase = Rendered> {
    /// Where.
    pub target: Target<P>,
    /// With which button.
    pub button: Button,
    /// How often: 2 is a double click. At least 1.
    pub count: u32,
}

/// `move`: moves the pointer to a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Move<P: Phase = Rendered> {
    /// Where to.
    pub target: Target<P>,
}

/// `drag`: presses a button at one place, moves, releases it at another.
#[derive(Debug, Clone, PartialEq)]
pub struct Drag<P: Phase = Rendered> {
    /// Where the button goes down.
    pub from: Target<P>,
    /// Where it comes up.
    pub to: Target<P>,
    /// Which button.
    pub button: Button,
}

/// Where a wheel turns to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Away from the user.
    Up,
    /// To the user.
    Down,
    /// To the left.
    Left,
    /// To the right.
    Right,
}

/// `scroll`: turns the wheel.
#[derive(Debug, Clone, PartialEq)]
pub struct Scroll<P: Phase = Rendered> {
    /// Where to.
    pub direction: Direction,
    /// How many notches, at least 1.
    pub notches: u32,
    /// Where the pointer is moved first; absent: where it is.
    pub target: Option<Target<P>>,
}

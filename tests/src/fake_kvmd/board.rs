//! The board behind a fake KVM.

use image::RgbImage;

/// The board behind a fake KVM.
pub trait Board: Send + 'static {
    /// Returns the picture of the screen now. None if there is no signal.
    fn picture(&mut self) -> Option<RgbImage>;

    /// Takes input.
    fn input(&mut self, input: &Input);

    /// Takes a press of a button.
    fn press(&mut self, press: Press);

    /// Returns true if the power LED is on.
    fn is_on(&mut self) -> bool;
}

/// Input as kvmd gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key is pressed or released.
    Key {
        /// The name of the key, as browsers have it.
        code: String,
        /// True if it is pressed.
        down: bool,
    },
    /// A button of the mouse is pressed or released.
    Button {
        /// The name: `left`, `middle`, `right`, `up`, `down`.
        name: String,
        /// True if it is pressed.
        down: bool,
    },
    /// The pointer moves. Both axes go from -32768 to 32767 over the whole screen.
    Move {
        /// The place from the middle to the right.
        x: i32,
        /// The place from the middle down.
        y: i32,
    },
    /// The wheel turns.
    Wheel {
        /// The number of steps upwards.
        up: i32,
    },
}

/// A press of a button of the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// The power button, for a moment.
    Power,
    /// The power button, until the board is off.
    LongPower,
    /// The reset button.
    Reset,
}

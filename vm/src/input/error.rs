use crate::qmp::QmpError;

/// Why input did not reach the machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// A character that no key of a US keyboard makes. Nothing was typed.
    #[error(
        "no key of a US keyboard types {character:?} (character {position} of the text); nothing was typed"
    )]
    UnknownCharacter {
        /// The character.
        character: char,
        /// Its place in the text, from 1.
        position: usize,
    },
    /// A point that is not on the screen.
    #[error("the point {x},{y} is not on the screen of {width} x {height} pixels")]
    OffScreen {
        /// The point, from the left.
        x: u32,
        /// The point, from the top.
        y: u32,
        /// The screen's width.
        width: u32,
        /// The screen's height.
        height: u32,
    },
    /// The machine has no device that points at absolute places.
    #[error("the machine has no tablet; clicks need `virtio` or `usb` as pointer")]
    NoTablet,
    /// QEMU did not take it.
    #[error("the machine did not take the input")]
    Refused(#[from] QmpError),
    /// The machine ended.
    #[error("the machine ended before the input")]
    Gone,
}

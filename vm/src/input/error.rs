//! The reasons why input did not reach a machine.

use crate::machine::{ControlError, Lack};

/// The reason why input did not reach the machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// The guest takes nothing from its keyboard.
    #[error(
        "the guest has taken nothing from its keyboard for {seconds} s; {typed} of {all} keys were sent"
    )]
    NotTaken {
        /// The number of keys that were sent, combinations counting as one.
        typed: usize,
        /// The number of keys that were to be sent.
        all: usize,
        /// The time in seconds.
        seconds: u64,
    },
    /// The guest has started the driver of its keyboard again, and lost the keys that waited there.
    #[error(
        "the guest set its keyboard up again while {places} codes of keys waited in it; they are lost"
    )]
    Lost {
        /// The number of lost codes of the device.
        places: u32,
    },
    /// The point is not on the screen.
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
    /// The machine has no such input device.
    #[error(transparent)]
    Lacking(Lack),
    /// The machine refused the input.
    #[error("the machine did not take the input")]
    Refused(#[source] ControlError),
    /// The machine ended.
    #[error("the machine ended before the input")]
    Gone,
}

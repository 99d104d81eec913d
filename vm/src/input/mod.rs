//! Keys, text and pointer, sent in the order they were asked for.
//!
//! An operation is first planned as plain data (`plan`), then played by one task that keeps the order (`player`).
//! The task sends keys when the guest has taken those before them, if the device tells that. `typist` types texts.
//! The machine is an `InputSink`.
//!
//! ```text
//! Keyboard, Pointer --plan--> queue --> player --events, each awaited--> sink: QEMU, a script ...
//!                                        ^ '-- dropped or failed: lets go what this plan holds
//!                                        '---- taken? ---- queue of the device
//! ```

mod arrival;
mod error;
mod key_name;
mod keyboard;
mod no_input;
mod pace;
mod plan;
mod player;
mod point;
mod pointer;
mod pointer_button;
mod secrecy;
mod sink;
mod typist;

pub use arrival::Arrival;
pub use error::InputError;
pub use key_name::{KeyName, ParseKeyError};
pub use keyboard::Keyboard;
pub(crate) use no_input::NoInput;
pub use pace::Pace;
pub(crate) use player::Player;
pub use point::Point;
pub use pointer::Pointer;
pub use pointer_button::{PointerButton, ScrollDirection};
pub use secrecy::Secrecy;
pub(crate) use sink::{Button, InputEvent, InputSink, Queue};

//! Keys, text and pointer, sent in the order they were asked for.
//!
//! What to do is planned first, as plain data ([`plan`]), then played by one task that owns the order
//! ([`player`]). It sends keys when the guest has taken those before them, as far as the device tells;
//! a text goes as [`typist`] says. The machine behind it is an [`InputSink`](sink::InputSink).
//!
//! ```text
//! Keyboard, Pointer --plan--> queue --> player --events, each awaited--> sink: QEMU, a script ...
//!                                        ^ '-- dropped or failed: lets go what this plan holds
//!                                        '---- taken? ---- queue of the device
//! ```

mod error;
mod key_name;
mod keyboard;
mod plan;
mod player;
mod pointer;
mod sink;
mod typist;

pub use error::InputError;
pub use key_name::{KeyName, ParseKeyError};
pub use keyboard::{Arrival, Keyboard, Pace, Secrecy};
pub(crate) use player::Player;
pub use pointer::{Point, Pointer, PointerButton, ScrollDirection};
pub(crate) use sink::{Button, InputEvent, InputSink, Queue};

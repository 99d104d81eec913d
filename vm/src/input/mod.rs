//! Keys, text and pointer, sent in the order they were asked for.
//!
//! What to do is planned first, as plain data ([`plan`]), then played by one task that owns the order ([`player`]):
//!
//! ```text
//! Keyboard, Pointer --plan--> queue --> player --input-send-event, each awaited--> QEMU
//!                                          '-- dropped or failed: lets go what this plan holds
//! ```

mod error;
mod key_name;
mod keyboard;
mod plan;
mod player;
mod pointer;
mod us_layout;

pub use error::InputError;
pub use key_name::{KeyName, ParseKeyError};
pub use keyboard::{Keyboard, Pace, Secrecy};
pub(crate) use player::Player;
pub use pointer::{Point, Pointer, PointerButton, ScrollDirection};

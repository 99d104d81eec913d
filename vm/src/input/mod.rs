//! Keys, text and pointer, sent in the order they were asked for.

mod error;
mod key_name;
mod keyboard;
mod pointer;

pub use error::InputError;
pub use key_name::{KeyName, ParseKeyError};
pub use keyboard::{Keyboard, Pace, Secrecy};
pub use pointer::{Point, Pointer, PointerButton, ScrollDirection};

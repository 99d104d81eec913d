//! The keyboard that the guest believes it has: which keys type a character.
//!
//! ```text
//! keyboard: de  -->  Layout (a table of keys) --+
//! beyond: ...   -->  Beyond ---------------------+--> taps: keys pressed together, one tap after the other
//! ```
//!
//! Keys have QEMU's names (QKeyCode): those of a US keyboard, whatever is printed on them.

mod beyond;
mod dead_key;
mod key;
mod key_combo;
mod keyboard;
mod layout;
mod tap;
#[cfg(test)]
mod tests;
mod typing;
mod untyped;

pub use beyond::Beyond;
pub use key_combo::KeyCombo;
pub(crate) use key_combo::Part;
pub use keyboard::Keyboard;
pub use layout::Layout;
pub use tap::Tap;
pub use untyped::{Untyped, Why};

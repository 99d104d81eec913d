//! The keyboard of the guest: the keys that type a character.
//!
//! ```text
//! keyboard: de  -->  Layout (a table of keys) --+
//! beyond: ...   -->  InputMethod ---------------+--> taps: keys pressed together, one tap after the other
//! ```
//!
//! Keys have QEMU's names (QKeyCode). These are the names of a US keyboard, also if other characters are printed on the
//! keys.

mod dead_key;
mod input_method;
mod key;
mod key_combo;
mod keyboard;
mod layout;
mod tap;
#[cfg(test)]
mod tests;
mod typing;
mod untyped;

pub use input_method::InputMethod;
pub use key::key_names;
pub use key_combo::KeyCombo;
pub(crate) use key_combo::Part;
pub use keyboard::Keyboard;
pub use layout::Layout;
pub use tap::Tap;
pub use untyped::{Untyped, UntypedReason};

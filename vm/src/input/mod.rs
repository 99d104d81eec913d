//! Keys, text and pointer, sent in the order they were asked for.
//!
//! What to do is planned first, as plain data ([`plan`]), then played by one task that owns the order
//! ([`player`]). It sends keys when the guest has taken those before them, as far as the device tells
//! ([`intake`]); a text goes as [`typist`] says.
//!
//! ```text
//! Keyboard, Pointer --plan--> queue --> player --input-send-event, each awaited--> QEMU
//!                                        ^ '-- dropped or failed: lets go what this plan holds
//!                                        '---- taken? ---- intake <--ring, reports-- QEMU
//! ```

mod error;
mod intake;
mod key_name;
mod keyboard;
mod plan;
mod player;
mod pointer;
mod typist;
mod usb_reports;

pub use error::InputError;
pub(crate) use intake::{Intake, KEYBOARD};
pub use key_name::{KeyName, ParseKeyError};
pub use keyboard::{Arrival, Keyboard, Pace, Secrecy};
pub(crate) use player::Player;
pub use pointer::{Point, Pointer, PointerButton, ScrollDirection};
pub(crate) use usb_reports::UsbReports;

//! A network KVM for tests: serves the API of PiKVM's daemon `kvmd` on loopback, in front of any board.
//!
//! ```text
//! qa --HTTP, WebSocket--> FakeKvmd --picture, input, power--> Board: a test's own, or a QEMU by QMP
//!                            '--- Faults: what it does wrong
//! ```
//!
//! It is as strict as a test may wish, and more than kvmd: a key that kvmd does not know ends the test, where kvmd says
//! nothing.

mod api;
mod board;
mod digits;
mod http;
mod key_codes;
mod qemu_board;
mod qmp;
mod server;
mod socket;
#[cfg(test)]
mod tests;

pub use board::{Board, Input, Press};
pub use qemu_board::QemuBoard;
pub use qmp::Qmp;
pub use server::{FakeKvmd, Faults, PASSWORD, USER};

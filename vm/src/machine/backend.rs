//! The backends: the ways to have a machine.

use crate::{board::BoardMachine, qemu::QemuMachine, scripted::ScriptedMachine};

/// The part of a machine that only its backend knows. The set is closed: each place that treats backends apart is a
/// `match` over it.
#[derive(Debug)]
pub(crate) enum Backend {
    /// A QEMU process.
    Qemu(Box<QemuMachine>),
    /// A board of a lab.
    Board(Box<BoardMachine>),
    /// A script in this process.
    Scripted(Box<ScriptedMachine>),
}

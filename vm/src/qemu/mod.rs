//! QEMU as a program: where it is, how it is started and how it ends.

mod program;

pub use program::{ProgramError, QemuProgram, QemuVersion};

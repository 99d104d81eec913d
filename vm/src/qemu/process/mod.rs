//! QEMU as a program: where it is, how it is started and how it ends; `qemu-img` beside it.

mod brief_program;
mod disk_image;
mod program;
mod qemu_process;
mod spawner;

pub(crate) use disk_image::{create_blank, create_overlay};
pub use program::{ProgramError, QemuProgram, QemuVersion};
pub(crate) use program::{first_line, in_path, package};
pub(crate) use qemu_process::{Ended, Killer, QemuProcess};
pub(crate) use spawner::spawn;

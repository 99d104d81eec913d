//! The program QEMU: finds, starts and ends it, and runs `qemu-img`.

mod brief_program;
mod disk_image;
mod program;
mod qemu_process;
mod spawner;

pub(crate) use disk_image::{convert_to_raw, create_blank, create_overlay};
pub use program::{ProgramError, QemuProgram, QemuVersion};
pub(crate) use program::{first_line, in_path, package};
pub(crate) use qemu_process::{Ended, Killer, QemuProcess};
pub(crate) use spawner::spawn;

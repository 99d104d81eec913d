//! The machine of a QEMU: its start, its files, its driver, its end.
//!
//! ```text
//! MachineSpec --check, find, make files--> Blueprint --start--> QEMU, stopped --attach handles, cont--> Machine
//!                                              ^                                                          |
//!                                              '------------------------- relaunch -----------------------'
//! Machine --eject, insert, boot_from: by QMP, and in its blueprint
//! Machine --save: stop, write down--------> SavedMachine --restore--> Machine, any number of times
//! Machine --shutdown: quit, SIGTERM, SIGKILL--> gone, files removed
//!         --cut, drop: SIGKILL----------------> gone
//! ```

mod blueprint;
mod credential_files;
mod driver;
mod early_end;
mod identity;
mod launch;
mod launch_error;
mod lines;
mod lookup;
mod media;
mod migration;
mod offers;
mod ports;
mod qemu_machine;
mod run_files;
mod save;
mod saved;
mod saving;
mod shared_memory;
mod spawn;
mod spec_check;
mod start;
mod tpm;
mod translation;
mod variable_store;
mod vnc;

pub use launch_error::LaunchError;
pub use offers::Offers;
pub(crate) use qemu_machine::QemuMachine;
pub use run_files::clear_killed;
pub use saved::SavedMachine;
pub use saving::Saving;
pub use variable_store::VariableStore;

//! What a machine's console and its firmware tell of a guest that cannot go on.

mod hopeless;
mod idle_firmware;
mod kernel_crash;

pub(super) use hopeless::{
    Doubt, HALTED, ToldBy, find, grace, halted, idle_firmware, is_on, off, starts_anew,
};
pub(super) use idle_firmware::{IdleFirmware, log_in as firmware_log};
pub(super) use kernel_crash::{KernelCrash, LOOKED_AT};

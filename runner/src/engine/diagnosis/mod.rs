//! Recognizes a guest that cannot continue, from its console, its firmware's log and its processors; and the likely
//! reason of a look that found nothing, from the screen.

mod hopeless;
mod idle_firmware;
mod kernel_crash;
mod likely;

pub(super) use hopeless::{
    HALTED, HopelessReason, ReasonSource, find, grace, halted, idle_firmware, is_on, off,
    starts_anew,
};
pub(super) use idle_firmware::{IdleFirmware, log_in as firmware_log};
pub(super) use kernel_crash::{KernelCrash, LOOKED_AT};
pub(super) use likely::{LastAction, Screen};

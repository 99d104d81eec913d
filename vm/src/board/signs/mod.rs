//! Finds restarts and power-offs of a board in what it says on its serial line. Pure: bytes in, restarts out.
//!
//! ```text
//! bytes --Lines--> clean lines --SignSet--> stages of a boot --RestartWatch--> SeenRestart: certain or doubtful
//!                             '--line_kind--> kernel times, prompts, last words
//! ```
//!
//! # The rule
//!
//! A boot shows several signs: first stage, TPL, SPL, OpenSBI, U-Boot, UEFI, GRUB, kernel. The stages have this order.
//!
//! 1. A sign of a later stage than the furthest one of this boot is the same boot. Any other sign is a restart.
//! 2. A sign counts at the begin of a line only, a kernel's also behind a prompt at which nothing was typed. Noise
//!    before it does not matter. Only whole lines are looked at.
//! 3. Some UEFI firmware does not say that it begins. It begins as well when it loads an entry of its menu that it has
//!    loaded in this boot.
//! 4. The kernel begins with the time `[    0.000000]`: with its first line, or with three lines of this time in a row
//!    after later times (the first line may be lost). `Linux version` without a time begins a kernel, if this boot had
//!    no kernel yet. A kernel that writes times, or boots without a word, does not begin so: that is
//!    `cat /proc/version`, `dmesg -t`.
//! 5. A kernel after a kernel, without firmware between, is a restart with the stage `kernel`: the firmware is silent,
//!    or the kernel alone was started again (kexec, kdump).
//!
//! The output of a command looks the same. A sign is doubtful, and not counted:
//!
//! - after a prompt with a command (`# dmesg`, `=> version`), until the next prompt, unless the command restarts the
//!   board, or the kernel says its last words with a time that goes on (`reboot: Restarting system`, a panic). U-Boot's
//!   banner without the empty line before it is ignored there. If a login prompt follows, the shell is gone: the
//!   restart counts after all.
//! - if a firmware stage is repeated that boot loaders start again (U-Boot, UEFI, GRUB), and this boot began with an
//!   earlier one that did not come.
//!
//! A file that is itself a record of a serial line with a login prompt cannot be told from a restart.
//!
//! Power-offs are found in the same way (`power_off`).

mod boot;
mod kernel_watch;
mod line_kind;
mod lines;
mod power_off;
mod restart_watch;
mod seen_restart;
mod sign_set;

#[cfg(test)]
mod tests;

pub(crate) use restart_watch::RestartWatch;
pub(crate) use seen_restart::{Certainty, SeenRestart};
pub use sign_set::SignSet;

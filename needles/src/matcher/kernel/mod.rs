//! The inner loops, each written once plainly and compiled or written again for what the processor has.
//!
//! All versions give the same numbers; the tests compare them on random input.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod features;
mod kernel;
#[cfg(target_arch = "aarch64")]
mod neon;
mod plain;
mod strips;
#[cfg(test)]
mod tests;

pub(crate) use features::{Block, Grid, SCAN_STEP, Stage, Survivor};
pub(crate) use kernel::Kernel;
pub(crate) use strips::{Square, StripStart, Strips};

//! The inner loops. Each is written once in plain Rust, and compiled or written again for special processors.
//!
//! All versions give the same numbers. The tests compare them on random input.

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

//! The least sum of squared differences (SSD) of a template among places on a frame, if it isn't above a bound.
//!
//! The result is exact; what is skipped is skipped because it provably can't win:
//!
//! 1. The recorded place is summed first and lowers the bound.
//! 2. For a block of `n` pixels with mean `m` and standard deviation `s`, in the template and in the frame,
//!    `n * (m - m')^2 + n * (s - s')^2 <= SSD` of the block. (Split both blocks into their means and what is left; the
//!    means' part is exact, and the rest follows from the triangle inequality.) Added up over blocks that don't overlap
//!    this is a lower bound on the whole ("successive elimination"). A scan adds these up for 32 places at a time,
//!    large blocks before small ones, and drops places above the bound.
//! 3. The sixteen places that have the same first lattice point are ruled out as one first, by ranges that hold the
//!    features of a block in all sixteen alignments (`template_blocks`). Places on ground of one level all have the
//!    same sum, so it is summed up once and the nearest of them taken (`flatness`). The most promising place is summed
//!    up after each size and lowers the bound.
//! 4. Places that are left are looked at by finer blocks, as long as making these costs less than what they save.
//! 5. In the lower bounds of what is left, the bound of one block after the other is replaced by its sum, those first
//!    that likely gain most; places that come to exceed the bound are dropped (`refining`).
//! 6. What is still left is summed up, the most promising places first.

mod flatness;
mod refining;
mod search;
mod side_by_side;
mod sieve;

pub(super) use search::search;

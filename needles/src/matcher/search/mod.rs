//! Finds the least sum of squared differences (SSD) of a template among places on a frame, if it is not above a bound.
//!
//! The result is exact. A place is skipped only if it provably cannot be the best:
//!
//! 1. The recorded place is summed up first, and its sum lowers the bound.
//! 2. Take a block of `n` pixels with mean `m` and standard deviation `s` in the template, `m'` and `s'` in the frame.
//!    Then `n * (m - m')^2 + n * (s - s')^2 <= SSD` of the block. (Split both blocks into their mean and the rest. The
//!    part of the means is exact; the part of the rest follows from the triangle inequality.) The sum over blocks that
//!    do not overlap is a lower bound on the whole SSD ("successive elimination"). A scan computes it for 32 places at
//!    a time, large blocks before small ones, and drops places above the bound.
//! 3. Sixteen places share their first lattice point. They are first ruled out together, by ranges that contain the
//!    features of a block in all sixteen alignments (`template_blocks`). On ground of one level all places have the
//!    same sum: it is computed once, and the nearest place is taken (`flatness`). After each block size, the most
//!    promising place is summed up, and its sum lowers the bound.
//! 4. The remaining places are compared by smaller blocks, as long as that saves more than it costs.
//! 5. For the remaining places, the bounds of single blocks are replaced by their exact sums, most telling block first.
//!    Places whose lower bound then exceeds the bound are dropped (`refining`).
//! 6. The remaining places are summed up, the most promising first.

mod flatness;
mod refining;
mod search;
mod side_by_side;
mod sieve;

pub(super) use search::search;

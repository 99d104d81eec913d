//! Sketches of needles and frames, small enough to keep thousands. They rule out most pairs of a needle and a frame.
//!
//! Both are means of square blocks. The frame has them at every fourth column and row, the lattice. A place of an area
//! shares its blocks with fifteen neighbours: the sketch of the area has for each block the range of its mean over all
//! sixteen alignments to the lattice. What the means differ by is a lower bound of the sum of squared differences.

mod area_sketch;
mod frame_sketch;
mod needle_sketch;
#[cfg(test)]
mod tests;

pub use frame_sketch::FrameSketch;
pub use needle_sketch::NeedleSketch;

/// The distance of lattice points.
const STEP: usize = 4;

/// The sides of blocks, the largest first.
const SIDES: [usize; 5] = [64, 32, 16, 8, 4];

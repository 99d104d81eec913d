use crate::kernel::Kernel;
use crate::sieve::BlocksAt;
use crate::template::Levels;

/// Raises the lower bound on the sum at a place, block by block, until it exceeds what is of interest.
///
/// With `b` the lower bounds of the blocks and `s` their sums, each not below its bound, `sum over all b`, and after each block `- b + s`
/// of it, never exceeds the whole sum. So where the bounds of all blocks are nearly enough already, the sums over a few that gain most suffice,
/// where partial distortion elimination begins at nothing.
pub(crate) struct Refining<'a> {
    pub(crate) blocks: BlocksAt<'a>,
    pub(crate) levels: &'a Levels,
    /// The frame's, from the place on.
    pub(crate) rows: &'a [&'a [u8]],
    pub(crate) x: usize,
    pub(crate) kernel: Kernel,
}

/// Blocks whose sums are likely far above their bounds, the greatest gains first.
#[derive(Debug)]
pub(crate) struct RefiningOrder(Vec<u32>);

impl Refining<'_> {
    /// The order that is best here, and so most likely good at other places, since it's mostly the texture of the template that makes bounds wrong.
    pub(crate) fn order(&self) -> RefiningOrder {
        let mut gains: Vec<(u64, u32)> = (0..self.blocks.count())
            .map(|block| (self.gain(block), block as u32))
            .filter(|(gain, _)| *gain > 0)
            .collect();
        gains.sort_unstable_by_key(|(gain, _)| std::cmp::Reverse(*gain));
        RefiningOrder(gains.into_iter().map(|(_, block)| block).collect())
    }

    /// Whether the sum is above the bound, as far as single blocks tell; `lower` is what all blocks together say.
    pub(crate) fn exceeds(&self, bound: u64, lower: u64, order: &RefiningOrder) -> bool {
        let mut lower = lower;
        order.0.iter().any(|&block| {
            lower += self.gain(block as usize);
            lower > bound
        })
    }

    /// By how much a block's sum is above its lower bound.
    fn gain(&self, block: usize) -> u64 {
        let square = self.blocks.square(block);
        let ssd = (self.kernel).square_ssd(self.levels.whole(), square, self.rows, self.x);
        ssd.saturating_sub(self.blocks.lower(block))
    }
}

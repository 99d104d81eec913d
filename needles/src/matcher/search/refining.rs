use super::sieve::Blocks;
use crate::matcher::kernel::{Kernel, Strips};
use crate::matcher::lattice::PlaceLeft;

/// With fewer places left, it costs more to find out which blocks tell most than that saves.
const MANY_PLACES: usize = 4;

/// Of the blocks that tell more than their bounds, those behind this share of them hardly tell anything.
const TELLING_SHARE: usize = 2;

/// Raises the lower bounds on the sums at places, block by block, and drops those above what is of interest.
///
/// With `b` the lower bounds of the blocks and `s` their sums, each not below its bound, `sum over all b`, and after
/// each block `- b + s` of it, never exceeds the whole sum. So where the bounds of all blocks are nearly enough
/// already, the sums over a few that gain most suffice, where partial distortion elimination begins at nothing. One
/// block is looked at for all places before the next: they lie near each other, and so does what it needs of the frame.
pub(crate) struct Refining<'a> {
    pub(crate) blocks: Blocks<'a>,
    pub(crate) template: Strips<'a>,
    /// The frame's, from the row `top` on, `channels` for each row of pixels.
    pub(crate) rows: &'a [&'a [u8]],
    pub(crate) top: usize,
    pub(crate) channels: usize,
    pub(crate) kernel: Kernel,
}

impl Refining<'_> {
    /// Keeps the places whose sums may be within the bound, with bounds that are nearer to these. `consider` is asked
    /// now and then for a new bound, given the most promising place.
    pub(crate) fn retain(
        &self,
        left: &mut Vec<PlaceLeft>,
        mut bound: u64,
        mut consider: impl FnMut(&PlaceLeft) -> u64,
    ) {
        if left.len() < MANY_PLACES {
            return;
        }
        let order = self.order(left);
        let telling = order.len() / TELLING_SHARE;
        for (index, &block) in order.iter().take(telling).enumerate() {
            left.retain_mut(|place| {
                place.lower += self.gain(block as usize, place);
                place.lower <= bound
            });
            if left.len() < MANY_PLACES {
                break;
            }
            // The bound is as good as the best place that was summed up: a few times that pays.
            if index >= 7
                && (index + 1).is_power_of_two()
                && let Some(best) = left.iter().min_by_key(|place| place.lower)
            {
                bound = consider(best);
            }
        }
    }

    /// The blocks whose sums are likely far above their bounds, the greatest gains first.
    ///
    /// They are those of the place in the middle, which fits as badly as most do. It's mostly the texture of the
    /// template that makes bounds wrong, so they are most likely good at other places; at the best of them there is
    /// little to gain, and what there is says nothing of the others.
    fn order(&self, left: &mut [PlaceLeft]) -> Vec<u32> {
        let middle = left.len() / 2;
        let (_, &mut typical, _) = left.select_nth_unstable_by_key(middle, |place| place.lower);
        let count = self.blocks.at(&typical).count();
        let mut gains: Vec<(u64, u32)> = (0..count)
            .map(|block| (self.gain(block, &typical), block as u32))
            .filter(|(gain, _)| *gain > 0)
            .collect();
        gains.sort_unstable_by_key(|(gain, _)| std::cmp::Reverse(*gain));
        gains.into_iter().map(|(_, block)| block).collect()
    }

    /// By how much a block's sum is above its lower bound.
    #[inline]
    fn gain(&self, block: usize, left: &PlaceLeft) -> u64 {
        let at = self.blocks.at(left);
        let place = left.place();
        let rows = &self.rows[(place.y as usize - self.top) * self.channels..];
        let ssd = (self.kernel).square_ssd(self.template, at.square(block), rows, place.x as usize);
        ssd.saturating_sub(at.lower(block))
    }
}

//! Replaces the bounds of single blocks by their sums.

use super::sieve::Blocks;
use crate::matcher::kernel::{Kernel, Strips};
use crate::matcher::lattice::RemainingPlace;

/// With fewer places left, finding the most telling blocks costs more than it saves.
const MANY_PLACES: usize = 4;

/// One in so many of the blocks with a gain is looked at. The others gain hardly anything.
const TELLING_SHARE: usize = 2;

/// Raises the lower bounds on the sums at places, block by block, and drops places above the bound.
///
/// Each block has a lower bound `b` and an exact sum `s >= b`. The sum of all `b` never exceeds the whole sum, also
/// after some of the `b` are replaced by their `s`. If the bounds are nearly high enough already, the exact sums of a
/// few blocks suffice; partial distortion elimination would start from zero instead. One block is looked at for all
/// places before the next, because near places need the same part of the frame.
pub(crate) struct Refining<'a> {
    pub(crate) blocks: Blocks<'a>,
    pub(crate) template: Strips<'a>,
    /// The frame's rows from row `top` on, `channels` for each row of pixels.
    pub(crate) rows: &'a [&'a [u8]],
    pub(crate) top: usize,
    pub(crate) channels: usize,
    pub(crate) kernel: Kernel,
}

impl Refining<'_> {
    /// Keeps the places whose sums may be within the bound, and raises their lower bounds. Now and then calls
    /// `consider` with the most promising place to get a new bound.
    pub(crate) fn retain(
        &self,
        left: &mut Vec<RemainingPlace>,
        mut bound: u64,
        mut consider: impl FnMut(&RemainingPlace) -> u64,
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
            // The bound is as good as the best place summed up so far, so it pays to sum up the best one a few times.
            if index >= 7
                && (index + 1).is_power_of_two()
                && let Some(best) = left.iter().min_by_key(|place| place.lower)
            {
                bound = consider(best);
            }
        }
    }

    /// Returns the blocks whose sums are probably far above their bounds, the greatest gain first.
    ///
    /// The gains are those of the place in the middle, which fits as badly as most places do. Bounds are wrong mainly
    /// because of the template's texture, so the order is probably good for other places, too. The best place would be
    /// a bad choice: it has little to gain, and that says nothing about the others.
    fn order(&self, left: &mut [RemainingPlace]) -> Vec<u32> {
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

    /// Returns the difference between a block's sum and its lower bound.
    #[inline]
    fn gain(&self, block: usize, left: &RemainingPlace) -> u64 {
        let at = self.blocks.at(left);
        let place = left.place();
        let rows = &self.rows[(place.y as usize - self.top) * self.channels..];
        let ssd = (self.kernel).square_ssd(self.template, at.square(block), rows, place.x as usize);
        ssd.saturating_sub(at.lower(block))
    }
}

//! A frame's features in an order that suits one place with many blocks.

use crate::matcher::kernel::SCAN_STEP;

/// Features of a frame's blocks of one size in another order: blocks that touch each other in the frame are adjacent.
pub(crate) struct SideBySide {
    levels: Vec<u8>,
    /// Distance in lattice columns from one block to the block that touches it.
    step: usize,
    /// Number of features in one part. A part has the blocks of every `step`th column.
    part: usize,
    /// Number of features in a lattice row.
    row: usize,
    /// Number of features of one kind: means or deviations of one channel.
    kind: usize,
}

impl SideBySide {
    /// Reorders rows of features. Row `(lattice row * channels + channel) * 2` has means, the next one deviations.
    /// [`SCAN_STEP`] bytes follow the last block of each row.
    pub(crate) fn of(rows: &[&[u8]], channels: usize, step: usize) -> Self {
        let columns = rows.first().map_or(0, |row| row.len() - SCAN_STEP);
        let part = columns.div_ceil(step);
        let row = part * step;
        let kinds = channels * 2;
        let kind = row * (rows.len() / kinds) + SCAN_STEP;
        let mut levels = vec![0; kind * kinds];
        for (kind, to) in levels.chunks_exact_mut(kind).enumerate() {
            let from = rows.iter().skip(kind).step_by(kinds);
            for (from, to) in from.zip(to.chunks_exact_mut(row.max(1))) {
                for (column, to) in to.chunks_exact_mut(part).enumerate() {
                    // On narrow frames no block begins in the last of these columns.
                    let from = from.get(column..columns).unwrap_or_default();
                    let from = from.iter().step_by(step);
                    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
                }
            }
        }
        Self {
            levels,
            step,
            part,
            row,
            kind,
        }
    }

    /// Returns the features of a kind, beginning with one block.
    pub(crate) fn from(&self, kind: usize, row: usize, column: usize) -> &[u8] {
        let (column, gap) = (column / self.step, column % self.step);
        &self.levels[kind * self.kind + row * self.row + gap * self.part + column..]
    }

    /// Returns the distance between two rows of blocks that are `step` lattice rows apart.
    pub(crate) fn stride(&self, step: usize) -> usize {
        self.row * step
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn blocks_without_a_gap_lie_beside_each_other(
            levels in proptest::collection::vec(any::<u8>(), 60 * 12), columns in 1_usize..28, channels in 1_usize..3,
            step in proptest::sample::select(vec![1_usize, 2, 4, 8, 16]),
            kind in 0_usize..4, row in 0_usize..3, column in 0_usize..28,
        ) {
            let kinds = channels * 2;
            let (kind, column) = (kind % kinds, column % columns);
            let rows = levels.chunks_exact(60).take(kinds * 3);
            let rows: Vec<&[u8]> = rows.map(|row| &row[..columns + SCAN_STEP]).collect();
            let beside = SideBySide::of(&rows, channels, step);
            let found = beside.from(kind, row, column);
            let expected: Vec<u8> = rows[row * kinds + kind][column..columns].iter().step_by(step).copied().collect();
            prop_assert_eq!(&found[..expected.len()], &expected);
            prop_assert!(found.len() >= expected.len().next_multiple_of(SCAN_STEP));
            if row > 0 {
                prop_assert_eq!(beside.from(kind, row - 1, column)[beside.stride(1)], found[0]);
            }
        }
    }
}

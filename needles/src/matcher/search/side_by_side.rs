use crate::matcher::kernel::SCAN_STEP;

/// Features of a frame's blocks of one size in another order: those side by side that lie side by side without a gap.
pub(crate) struct Beside {
    levels: Vec<u8>,
    /// Columns of the lattice from a block to the next without a gap.
    step: usize,
    /// From the blocks that begin in one column to those that begin in the next.
    part: usize,
    /// From a lattice row to the next.
    row: usize,
    /// From a channel's means to its deviations, and to the next channel's means.
    kind: usize,
}

impl Beside {
    /// From `(lattice row * channels + channel) * 2` rows with one more for deviations, each with [`SCAN_STEP`]
    /// bytes behind the last block.
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

    /// The features of a kind from a block on.
    pub(crate) fn from(&self, kind: usize, row: usize, column: usize) -> &[u8] {
        let (column, gap) = (column / self.step, column % self.step);
        &self.levels[kind * self.kind + row * self.row + gap * self.part + column..]
    }

    /// From a row of blocks to the next, with so many lattice rows between the two.
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
            let beside = Beside::of(&rows, channels, step);
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

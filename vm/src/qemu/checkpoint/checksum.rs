//! The checksum of a checkpoint's file.

use std::{
    fs::File,
    io,
    sync::atomic::{AtomicU64, Ordering},
};

use xxhash_rust::xxh3::xxh3_64;

use super::blocks::{BLOCK, DataRun, for_each_data_run};
use crate::hex_sum::{HexSum, SumOf};

/// A checksum of the bytes of a file and their places. It protects against damage and not against malice: whoever can
/// write into the store can also write the note.
///
/// It is the sum over all blocks of 4 KiB that are not all zero, each mixed with its number. So the blocks can be read
/// in any order, by several cores. A hole equals the zeros that it reads as: a cache that was copied with its holes
/// filled is still whole. The file's length is no part of the checksum.
pub type Checksum = HexSum<OfFile, 8>;

/// The subject of a [`Checksum`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfFile {}

impl SumOf for OfFile {
    const NAME: &'static str = "a checksum";
}

impl Checksum {
    /// Reads a whole file, on several cores and without its holes.
    ///
    /// # Errors
    /// When the file cannot be read, or becomes shorter meanwhile.
    pub fn of_file(file: &File) -> io::Result<Self> {
        let sum = ChecksumSum::default();
        for_each_data_run(file, |run| {
            sum.add(run);
            Ok(())
        })?;
        Ok(sum.finish())
    }
}

/// A checksum in the making. Several threads add to it in any order.
#[derive(Debug, Default)]
pub(super) struct ChecksumSum(AtomicU64);

impl ChecksumSum {
    /// Adds blocks that were not added before.
    pub(super) fn add(&self, run: &DataRun<'_>) {
        let first = run.offset / BLOCK as u64;
        let sum = (first..)
            .zip(run.bytes.chunks(BLOCK))
            .map(|(number, block)| block_sum(number, block))
            .fold(0, u64::wrapping_add);
        self.0.fetch_add(sum, Ordering::Relaxed);
    }

    pub(super) fn finish(self) -> Checksum {
        Checksum::from_bytes(self.0.into_inner().to_be_bytes())
    }
}

/// Returns the share of one block. The last block of a file may be short: it counts as if zeros followed.
fn block_sum(number: u64, block: &[u8]) -> u64 {
    let hash = if block.len() == BLOCK {
        xxh3_64(block)
    } else {
        let mut whole = [0; BLOCK];
        whole[..block.len()].copy_from_slice(block);
        xxh3_64(&whole)
    };
    mix(hash ^ mix(number.wrapping_add(1)))
}

/// The finalizer of SplitMix64. Every bit of the input changes about half of the output, and no two inputs have the
/// same output.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use std::{io::Write, os::unix::fs::FileExt};

    use proptest::prelude::*;

    use super::*;

    fn file_of(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn of(bytes: &[u8]) -> Checksum {
        Checksum::of_file(&file_of(bytes)).unwrap()
    }

    #[test]
    fn a_hole_equals_the_zeros_it_reads_as() {
        let mut bytes = vec![0; 40 * BLOCK + 77];
        bytes[7 * BLOCK + 5] = 1;
        bytes[40 * BLOCK + 76] = 2;
        let sparse = tempfile::tempfile().unwrap();
        sparse.set_len(bytes.len() as u64).unwrap();
        sparse.write_all_at(&[1], 7 * BLOCK as u64 + 5).unwrap();
        sparse.write_all_at(&[2], 40 * BLOCK as u64 + 76).unwrap();
        assert_eq!(Checksum::of_file(&sparse).unwrap(), of(&bytes));
    }

    #[test]
    fn blocks_that_changed_places_are_noticed() {
        let mut bytes = vec![0; 2 * BLOCK];
        bytes[..BLOCK].fill(1);
        bytes[BLOCK..].fill(2);
        let before = of(&bytes);
        bytes.rotate_left(BLOCK);
        assert_ne!(of(&bytes), before);
    }

    #[test]
    fn an_empty_file_has_a_checksum_and_zeros_have_the_same() {
        assert_eq!(of(b"").to_string(), "0000000000000000");
        assert_eq!(of(&[0; 10_000]), of(b""));
    }

    #[test]
    fn the_sum_of_given_bytes_never_changes() {
        // The notes of existing caches have this value.
        assert_eq!(of(b"one").to_string(), "4aa4cb0bd1be88a5");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_flipped_bit_is_noticed(
            mut bytes in prop::collection::vec(any::<u8>(), 1..3 * BLOCK),
            place in any::<prop::sample::Index>(),
            bit in 0..8,
        ) {
            let before = of(&bytes);
            let place = place.index(bytes.len());
            bytes[place] ^= 1_u8 << bit;
            prop_assert_ne!(of(&bytes), before);
        }
    }
}

//! Reads numbers and pieces from files of strangers.

use std::io::{self, Read, Seek, SeekFrom};

/// The bytes of a stranger, read in pieces of bounded size. No length in them is believed.
#[derive(Debug)]
pub(super) struct Source<R> {
    reader: R,
    bytes: u64,
}

impl<R: Read + Seek> Source<R> {
    /// Returns the source of all bytes of `reader`. The size of a block device is the position of its end.
    pub(super) fn new(mut reader: R) -> io::Result<Self> {
        let bytes = reader.seek(SeekFrom::End(0))?;
        Ok(Self { reader, bytes })
    }

    /// Returns the number of bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns at most `most` bytes from `at` on: fewer if the source ends before, and none beyond its end.
    pub(super) fn read(&mut self, at: u64, most: usize) -> io::Result<Vec<u8>> {
        let left = self.bytes.saturating_sub(at);
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(most);
        let mut bytes = Vec::with_capacity(length);
        if length > 0 {
            self.reader.seek(SeekFrom::Start(at))?;
            self.reader
                .by_ref()
                .take(length as u64)
                .read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    }
}

/// Returns true if `mark` is at `at`.
pub(super) fn has(bytes: &[u8], at: usize, mark: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(mark))
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.get(..N)?.try_into().ok()
}

/// Returns the number of 2 bytes at `at`, least significant byte first.
pub(super) fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_le_bytes)
}

/// Returns the number of 4 bytes at `at`, least significant byte first.
pub(super) fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

/// Returns the number of 8 bytes at `at`, least significant byte first.
pub(super) fn le64(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_le_bytes)
}

/// Returns the number of 4 bytes at `at`, most significant byte first.
pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_be_bytes)
}

/// Returns the number of 8 bytes at `at`, most significant byte first.
pub(super) fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_be_bytes)
}

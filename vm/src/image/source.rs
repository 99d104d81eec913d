use std::io::{self, Read, Seek, SeekFrom};

/// Bytes of a stranger, read a bounded piece at a time: no length that they tell is believed.
#[derive(Debug)]
pub(super) struct Source<R> {
    reader: R,
    bytes: u64,
}

impl<R: Read + Seek> Source<R> {
    /// The whole of `reader`. Of a block device the size is where its end is.
    pub(super) fn new(mut reader: R) -> io::Result<Self> {
        let bytes = reader.seek(SeekFrom::End(0))?;
        Ok(Self { reader, bytes })
    }

    /// Returns how many bytes there are.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// At most `most` bytes from `at` on: fewer where the source ends before, none beyond its end.
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

/// Returns whether `mark` is at `at`.
pub(super) fn has(bytes: &[u8], at: usize, mark: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(mark))
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.get(..N)?.try_into().ok()
}

/// The number of 2 bytes at `at`, least significant first.
pub(super) fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_le_bytes)
}

/// The number of 4 bytes at `at`, least significant first.
pub(super) fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

/// The number of 8 bytes at `at`, least significant first.
pub(super) fn le64(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_le_bytes)
}

/// The number of 4 bytes at `at`, most significant first.
pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_be_bytes)
}

/// The number of 8 bytes at `at`, most significant first.
pub(super) fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_be_bytes)
}

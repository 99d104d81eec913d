//! Reads the tables of a file within limits.

use std::io::{Read, Seek};

use crate::image::{probe_error::Fault, source::Source};

/// The most bytes of a file's tables that are read: those of a disk of a terabyte.
const MOST_BYTES: u64 = 64 << 20;
/// The size of the pieces in which tables are read.
const PIECE: u64 = 1 << 20;

/// Reads the tables of a file, up to a limit of bytes.
#[derive(Debug)]
pub(super) struct Tables<'s, R> {
    source: &'s mut Source<R>,
    left: u64,
}

impl<'s, R: Read + Seek> Tables<'s, R> {
    pub(super) fn new(source: &'s mut Source<R>) -> Self {
        Self {
            source,
            left: MOST_BYTES,
        }
    }

    /// Returns the number of bytes of the file.
    pub(super) fn end(&self) -> u64 {
        self.source.bytes()
    }

    /// Calls `each` with every entry of `N` bytes of the table of `count` entries at `at`, up to the end of the file.
    pub(super) fn each<const N: usize>(
        &mut self,
        at: u64,
        count: u64,
        mut each: impl FnMut([u8; N]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let size = N as u64;
        let end = at.saturating_add(count.saturating_mul(size));
        let mut at = at;
        while at < end && at < self.end() && self.left >= size {
            let piece = (end - at).min(PIECE).min(self.left) / size * size;
            let bytes = self.source.read(at, usize::try_from(piece).unwrap_or(0))?;
            for entry in bytes.chunks_exact(N) {
                if let Ok(entry) = entry.try_into() {
                    each(entry)?;
                }
            }
            if bytes.is_empty() {
                break;
            }
            at = at.saturating_add(piece);
            self.left -= piece;
        }
        Ok(())
    }

    /// Checks that the file goes on beyond `at`.
    pub(super) fn has(&self, what: &str, at: u64) -> Result<(), Fault> {
        match at < self.end() {
            true => Ok(()),
            false => Err(Fault::cut(what, at, self.end())),
        }
    }
}

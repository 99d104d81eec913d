//! A file in memory that QEMU writes.

use std::{
    fs::File,
    io,
    os::{
        fd::{AsRawFd, RawFd},
        unix::fs::FileExt,
    },
};

use rustix::fs::{MemfdFlags, memfd_create};

/// The number of bytes that are compared at once.
const PIECE: usize = 32 << 10;

/// A file in memory that QEMU writes and this program reads. It has no name, so it disappears with both.
#[derive(Debug)]
pub(crate) struct MemoryFile {
    file: File,
}

impl MemoryFile {
    pub(crate) fn new() -> io::Result<Self> {
        let fd = memfd_create("qa-screen", MemfdFlags::CLOEXEC)?;
        Ok(Self {
            file: File::from(fd),
        })
    }

    /// Returns the descriptor for QEMU to inherit.
    pub(crate) fn fd(&self) -> RawFd {
        self.file.as_raw_fd()
    }

    /// Returns the path by which a process that inherited the descriptor opens it.
    pub(crate) fn path_for_heir(&self) -> String {
        format!("/proc/self/fd/{}", self.fd())
    }

    /// Returns the file itself.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Returns true if the file is `header` and then `pixels`. Takes one pass over both, in pieces that stay in the
    /// processor's cache, since an unchanged screen is compared for minutes.
    pub(super) fn holds(&self, header: &[u8], pixels: &[u8]) -> io::Result<bool> {
        if self.file.metadata()?.len() != (header.len() + pixels.len()) as u64 {
            return Ok(false);
        }
        let mut piece = [0; PIECE];
        let mut place = 0;
        for expected in std::iter::once(header).chain(pixels.chunks(PIECE)) {
            let Some(found) = piece.get_mut(..expected.len()) else {
                return Ok(false);
            };
            self.file.read_exact_at(found, place)?;
            if found != expected {
                return Ok(false);
            }
            place += expected.len() as u64;
        }
        Ok(true)
    }

    /// Reads the whole file into `buffer`, and reuses its memory. First `fits` checks the length and at most
    /// `beginning` bytes of the beginning, because QEMU can make the file as long as it likes.
    pub(super) fn read<E: From<io::Error>>(
        &self,
        buffer: &mut Vec<u8>,
        beginning: usize,
        fits: impl FnOnce(&[u8], u64) -> Result<(), E>,
    ) -> Result<(), E> {
        let length = self.file.metadata()?.len();
        let length = usize::try_from(length).map_err(io::Error::other)?;
        buffer.resize(length.min(beginning), 0);
        self.file.read_exact_at(buffer, 0)?;
        fits(buffer, length as u64)?;
        buffer.resize(length, 0);
        Ok(self.file.read_exact_at(buffer, 0)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_what_was_written_and_nothing_else() {
        let memory = MemoryFile::new().unwrap();
        let header = b"P6 ";
        let pixels: Vec<u8> = (0..2 * PIECE + 7)
            .map(|index| (index % 251) as u8)
            .collect();
        memory.file.write_all_at(header, 0).unwrap();
        memory.file.write_all_at(&pixels, 3).unwrap();
        assert!(memory.holds(header, &pixels).unwrap());
        assert!(!memory.holds(b"P5 ", &pixels).unwrap());
        assert!(!memory.holds(header, &pixels[1..]).unwrap());
        for place in [0, PIECE, 2 * PIECE + 6] {
            let mut other = pixels.clone();
            other[place] ^= 1;
            assert!(!memory.holds(header, &other).unwrap(), "{place}");
        }
        let mut buffer = Vec::new();
        let fits = |beginning: &[u8], length| -> io::Result<()> {
            assert_eq!(
                (beginning, length),
                (&b"P6 \0"[..], 3 + 2 * PIECE as u64 + 7)
            );
            Ok(())
        };
        memory.read(&mut buffer, 4, fits).unwrap();
        assert_eq!(buffer, [header, &pixels[..]].concat());
        let refused = |_: &[u8], _| Err(io::Error::other("too long"));
        assert!(memory.read(&mut buffer, 4, refused).is_err());
    }
}

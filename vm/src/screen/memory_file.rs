use std::{
    fs::File,
    io,
    os::{
        fd::{AsRawFd, RawFd},
        unix::fs::FileExt,
    },
};

use rustix::fs::{MemfdFlags, memfd_create};

/// A file in memory that QEMU writes and this program reads. It has no name, so nothing is left of it when both are gone.
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

    /// The descriptor for QEMU to inherit.
    pub(crate) fn fd(&self) -> RawFd {
        self.file.as_raw_fd()
    }

    /// The path by which a process that inherited the descriptor opens it.
    pub(crate) fn path_for_heir(&self) -> String {
        format!("/proc/self/fd/{}", self.fd())
    }

    /// Reads the whole file into `buffer`, whose memory is used again.
    pub(super) fn read(&self, buffer: &mut Vec<u8>) -> io::Result<()> {
        let length = usize::try_from(self.file.metadata()?.len()).map_err(io::Error::other)?;
        buffer.resize(length, 0);
        self.file.read_exact_at(buffer, 0)
    }
}

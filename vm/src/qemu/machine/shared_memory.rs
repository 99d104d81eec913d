//! The main memory of a machine that can be saved.

use std::{
    fs::File,
    io,
    os::fd::{AsRawFd, RawFd},
    path::{Path, PathBuf},
};

use rustix::fs::{MemfdFlags, memfd_create};

use crate::qemu::checkpoint::copy_data;

/// The main memory of a machine that can be saved: a file without a name. QEMU maps it, and this program reads it.
#[derive(Debug)]
pub(super) struct SharedMemory {
    file: File,
}

impl SharedMemory {
    /// Returns memory of `mib` MiB, all zero, as after power-on.
    pub(super) fn blank(mib: u32) -> io::Result<Self> {
        let file = File::from(memfd_create("qa-memory", MemfdFlags::CLOEXEC)?);
        file.set_len(u64::from(mib) << 20)?;
        Ok(Self { file })
    }

    /// Returns a copy of the saved memory in `ram`. Blocks for as long as copying takes.
    pub(super) fn copy_of(ram: &Path) -> io::Result<Self> {
        let memory = Self {
            file: File::from(memfd_create("qa-memory", MemfdFlags::CLOEXEC)?),
        };
        copy_data(&File::open(ram)?, &memory.file)?;
        Ok(memory)
    }

    /// Returns the descriptor for QEMU to inherit.
    pub(super) fn fd(&self) -> RawFd {
        self.file.as_raw_fd()
    }

    /// Returns the path by which a process that inherited the descriptor opens it.
    pub(super) fn path_for_heir(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", self.fd()))
    }

    /// Returns the file.
    pub(super) fn file(&self) -> &File {
        &self.file
    }
}

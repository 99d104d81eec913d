use std::{
    fs::File,
    io,
    os::fd::{AsRawFd, RawFd},
    path::{Path, PathBuf},
};

use rustix::fs::{MemfdFlags, memfd_create};

use crate::qemu::checkpoint::copy_data;

/// The main memory of a machine that can be saved: a file without a name that QEMU maps and this program reads.
#[derive(Debug)]
pub(super) struct SharedMemory {
    file: File,
}

impl SharedMemory {
    /// Memory of `mib` MiB, all zero, as a machine finds it when it is switched on.
    pub(super) fn blank(mib: u32) -> io::Result<Self> {
        let file = File::from(memfd_create("qa-memory", MemfdFlags::CLOEXEC)?);
        file.set_len(u64::from(mib) << 20)?;
        Ok(Self { file })
    }

    /// A copy of the saved memory in `ram`. Blocks for as long as the copying takes.
    pub(super) fn copy_of(ram: &Path) -> io::Result<Self> {
        let memory = Self {
            file: File::from(memfd_create("qa-memory", MemfdFlags::CLOEXEC)?),
        };
        copy_data(&File::open(ram)?, &memory.file)?;
        Ok(memory)
    }

    /// The descriptor for QEMU to inherit.
    pub(super) fn fd(&self) -> RawFd {
        self.file.as_raw_fd()
    }

    /// The path by which a process that inherited the descriptor opens it.
    pub(super) fn path_for_heir(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", self.fd()))
    }

    /// The file.
    pub(super) fn file(&self) -> &File {
        &self.file
    }
}

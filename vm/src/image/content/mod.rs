//! Reads the content of a disk as firmware does. Checks that the disk is as long as its content says.

mod iso;
mod partitions;

use std::io::{Read, Seek};

pub use iso::{CdBoot, Platform};

use super::{
    probe_error::Fault,
    source::{Source, has},
};

/// The content of a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiskContent {
    /// A GUID partition table.
    Gpt {
        /// The size of a sector in bytes, as the table counts it.
        sector_bytes: u32,
    },
    /// A boot sector or MBR partition table.
    Mbr,
    /// An ISO 9660 file system (CD, DVD), with a boot sector or without.
    Iso(CdBoot),
    /// Nothing that firmware starts from.
    Other,
}

/// Reads a disk that starts with `head`.
pub(super) fn content<R: Read + Seek>(
    head: &[u8],
    source: &mut Source<R>,
) -> Result<DiskContent, Fault> {
    // Before the partition tables: a hybrid has both, and is mostly used as a CD.
    if has(head, 0x8001, b"CD001") {
        return iso::look(head, source).map(DiskContent::Iso);
    }
    for sector_bytes in [512, 4096] {
        if has(head, sector_bytes, b"EFI PART") {
            partitions::check_gpt(&head[sector_bytes..], sector_bytes as u64, source.bytes())?;
            return Ok(DiskContent::Gpt {
                sector_bytes: if sector_bytes == 4096 { 4096 } else { 512 },
            });
        }
    }
    if has(head, 510, b"\x55\xaa") {
        partitions::check_mbr(head, source.bytes())?;
        return Ok(DiskContent::Mbr);
    }
    Ok(DiskContent::Other)
}

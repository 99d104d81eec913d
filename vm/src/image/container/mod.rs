//! The headers of files that keep a disk in a format of their own: how large the disk is, which other files they
//! name, and whether all is there that their tables point to. What a header says about lengths is never believed
//! beyond the end of the file.

mod qcow2;
mod qed;
mod tables;
mod vdi;
mod vhd;
mod vhdx;
mod vmdk;

use std::io::{Read, Seek};

use super::{FileFormat, probe_error::Fault, source::Source};

/// The facts in the header of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Header {
    /// The size of the disk; none where only QEMU can tell it.
    pub(super) disk_bytes: Option<u64>,
    /// The file that the disk stands on.
    pub(super) backing: Option<Reference>,
    /// The file that has the disk's bytes.
    pub(super) data: Option<Reference>,
    /// Files that have parts of the disk's bytes, and that QEMU finds by itself.
    pub(super) extents: Vec<Reference>,
}

/// A file that a header names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    /// Its name as it is written there.
    pub(super) name: String,
    /// QEMU's name of its format, where that is written.
    pub(super) format: Option<String>,
}

/// The format that a file's first bytes say; none where they are those of no such format.
pub(super) fn signature(head: &[u8]) -> Option<FileFormat> {
    const MARKS: [(&[u8], FileFormat); 6] = [
        (b"QFI\xfb", FileFormat::Qcow2),
        (b"QED\0", FileFormat::Qed),
        (b"KDMV", FileFormat::Vmdk),
        (b"# Disk DescriptorFile", FileFormat::Vmdk),
        (b"conectix", FileFormat::Vhd),
        (b"vhdxfile", FileFormat::Vhdx),
    ];
    let mut marks = MARKS.iter();
    let found = marks.find(|(mark, _)| head.starts_with(mark));
    found
        .map(|(_, format)| *format)
        .or_else(|| vdi::is_one(head).then_some(FileFormat::Vdi))
}

/// Reads the header of a file of this format, and checks that the file has what its tables point to.
pub(super) fn read<R: Read + Seek>(
    format: FileFormat,
    source: &mut Source<R>,
) -> Result<Header, Fault> {
    match format {
        FileFormat::Raw => Ok(Header {
            // As QEMU counts: whole sectors.
            disk_bytes: Some(source.bytes().next_multiple_of(512)),
            ..Header::default()
        }),
        FileFormat::Qcow2 => qcow2::read(source),
        FileFormat::Qed => qed::read(source),
        FileFormat::Vmdk => vmdk::read(source),
        FileFormat::Vdi => vdi::read(source),
        FileFormat::Vhd => vhd::read(source),
        FileFormat::Vhdx => vhdx::read(source),
    }
}

#[cfg(test)]
mod tests;

//! Reads the headers of disk image formats: the size of the disk, the other files that the header names, and whether
//! the file has everything that its tables point to. No length in a header is believed beyond the end of the file.

mod header;
mod qcow2;
mod qed;
mod tables;
mod vdi;
mod vhd;
mod vhdx;
mod vmdk;

use std::io::{Read, Seek};

pub(super) use header::{Header, Reference};

use super::{FileFormat, probe_error::Fault, source::Source};

/// Returns the format that the first bytes of a file tell. None if they are those of no such format.
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

/// Reads the header of a file of this format. Checks that the file has everything that its tables point to.
pub(super) fn read<R: Read + Seek>(
    format: FileFormat,
    source: &mut Source<R>,
) -> Result<Header, Fault> {
    match format {
        FileFormat::Raw => Ok(Header {
            // QEMU counts whole sectors.
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

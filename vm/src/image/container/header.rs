//! The facts in the header of a disk image.

/// The facts in the header of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::image) struct Header {
    /// The size of the disk. None if only QEMU can find it out.
    pub(in crate::image) disk_bytes: Option<u64>,
    /// The backing file.
    pub(in crate::image) backing: Option<Reference>,
    /// The file that has the disk's bytes.
    pub(in crate::image) data: Option<Reference>,
    /// Files that have parts of the disk's bytes, and that QEMU opens by itself.
    pub(in crate::image) extents: Vec<Reference>,
}

/// A file that a header names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::image) struct Reference {
    /// The name as it is written in the header.
    pub(in crate::image) name: String,
    /// QEMU's name of its format, if the header has one.
    pub(in crate::image) format: Option<String>,
}

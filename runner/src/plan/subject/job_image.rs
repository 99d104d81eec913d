//! The image of a job, as this host has it.

use std::path::PathBuf;

use vm::KernelBoot;
use vm::image::{DiskContent, ImageFile, ImageStamp};

/// The image under test.
#[derive(Debug, Clone)]
pub(crate) struct JobImage {
    /// Its name in the project, or its file name.
    pub name: String,
    /// The disk; none if the image has only a kernel, an error if the disk does not exist yet or cannot be used.
    pub disk: Result<Option<ImageFile>, MissingImage>,
    /// The kernel that the machine starts directly, without its firmware.
    pub kernel: Option<KernelBoot>,
    /// The digest as `sha256:...`; none if it is unknown.
    pub digest: Option<String>,
    /// True if it is a CD or DVD.
    pub is_cdrom: bool,
    /// The content of its disk; none if it was not inspected.
    pub content: Option<DiskContent>,
    /// The state of its files when it was opened, to notice later changes.
    pub stamp: Option<ImageStamp>,
    /// The file with the image's own UEFI variables, from which the machine's variable store is copied.
    pub firmware_vars: Option<PathBuf>,
}

/// The reason why an image cannot be tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MissingImage {
    /// The problem, for people.
    pub message: String,
    /// A hint on what to do next.
    pub hint: String,
}

impl JobImage {
    /// Makes an image without a disk.
    pub(crate) fn without_disk(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            disk: Ok(None),
            kernel: None,
            digest: None,
            is_cdrom: false,
            content: None,
            stamp: None,
            firmware_vars: None,
        }
    }
}

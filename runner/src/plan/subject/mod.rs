//! The system under test of a cell: its image and its machine, as this host has them.

mod image;
mod machine;
mod machine_spec;
mod packed;

use std::path::PathBuf;

use scenarios::Machine;
use vm::image::{DiskContent, ImageFile, ImageStamp, ImageStore};
use vm::{KernelBoot, LaunchError, MachineSpec};

use self::machine::{credentials, machine};
use self::machine_spec::machine_spec;
use super::cell::Cell;
use crate::failure::Failure;
use crate::project::Project;
use crate::talk::Talk;

pub(super) use machine_spec::arch;

/// An image on a machine.
#[derive(Debug)]
pub(super) struct Subject {
    /// The image under test.
    pub image: JobImage,
    /// The machine that it runs on.
    pub machine: Machine,
    /// The description of the machine with the image, for `vm`; an error if the image is missing.
    pub spec: Result<MachineSpec, MissingImage>,
    /// The values of secrets that the machine hands to its guest.
    pub secrets: Vec<String>,
}

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

impl Subject {
    /// Finds the image and the machine of a cell. Reads the whole image if its digest is not known yet, and unpacks it
    /// if it is packed.
    ///
    /// # Errors
    /// There is no such image or machine, they do not fit together, no host can start them, or a secret has no value.
    pub(super) fn of(
        cell: &Cell,
        project: &Project,
        images: &ImageStore,
        talk: Talk,
    ) -> Result<Self, Failure> {
        let image = image::image(&cell.image, project, images, talk)?;
        let machine = machine(&cell.machine, &image, project)?;
        let (credentials, secrets) = credentials(&machine, project)?;
        let spec = machine_spec(&machine, &image, credentials);
        if let Ok(spec) = &spec {
            refuse_impossible(&machine.name, spec)?;
        }
        Ok(Self {
            spec,
            image,
            machine,
            secrets,
        })
    }
}

/// Refuses a machine that no host can build. Most such mistakes are found when the project is read, with their place.
/// This finds mistakes of machine and image together, such as one disk too many on a bus.
fn refuse_impossible(name: &str, spec: &MachineSpec) -> Result<(), Failure> {
    match spec.check() {
        Err(LaunchError::Spec { reason }) => Err(Failure::usage(format!(
            "machine `{name}` cannot be built: {reason}"
        ))),
        // Any other error depends on this host.
        Ok(()) | Err(_) => Ok(()),
    }
}

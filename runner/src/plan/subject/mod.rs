//! The system under test of a cell: its image on its machine, as they are found on this host.

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
    /// The machine with the image in it, as `vm` builds it; an error when the image is not there.
    pub spec: Result<MachineSpec, MissingImage>,
    /// The values of secrets that the machine hands to its guest.
    pub secrets: Vec<String>,
}

/// The image under test.
#[derive(Debug, Clone)]
pub(crate) struct JobImage {
    /// Its name in the project, or its file.
    pub name: String,
    /// The disk, where it has one; an error when that does not exist (yet), with the reason and what to do.
    pub disk: Result<Option<ImageFile>, MissingImage>,
    /// The kernel that the machine starts with, instead of its firmware.
    pub kernel: Option<KernelBoot>,
    /// `sha256:...`, where it is known.
    pub digest: Option<String>,
    /// Whether it is a CD or DVD.
    pub is_cdrom: bool,
    /// The content of its disk, where that was looked at.
    pub content: Option<DiskContent>,
    /// Its files as they were when it was looked at.
    pub stamp: Option<ImageStamp>,
    /// The file that the variable store of UEFI starts as a copy of, where the image has one of its own.
    pub firmware_vars: Option<PathBuf>,
}

/// Why an image cannot be tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MissingImage {
    /// What is wrong.
    pub message: String,
    /// What to do next.
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
    /// Looks for the image and the machine of a cell. Reads the image once if its digest is not noted yet, and unpacks
    /// it if it is packed.
    ///
    /// # Errors
    /// There is no such image or machine, they do not fit, no host could start them, or a secret has no value.
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

/// Refuses a machine that no host could build. Most such mistakes are found where the project is read, with their
/// place. This finds what only the machine with the image in it shows, such as one disk too many on a bus.
fn refuse_impossible(name: &str, spec: &MachineSpec) -> Result<(), Failure> {
    match spec.check() {
        Err(LaunchError::Spec { reason }) => Err(Failure::usage(format!(
            "machine `{name}` cannot be built: {reason}"
        ))),
        // Anything else is a matter of this host.
        Ok(()) | Err(_) => Ok(()),
    }
}

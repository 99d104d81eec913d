//! The system under test of a cell: its image and its machine, as this host has them.

mod board_services;
mod board_spec;
mod image;
mod job_image;
mod machine;
mod machine_spec;
mod packed;
mod target;

use scenarios::Machine;
use vm::image::ImageStore;
use vm::{LaunchError, MachineSpec};

use self::board_spec::board_target;
use self::machine::{credentials, machine};
use self::machine_spec::machine_spec;
use super::cell::Cell;
use crate::failure::Failure;
use crate::project::Project;
use crate::talk::Talk;

pub(crate) use board_services::labgrid_program;
pub(crate) use job_image::{JobImage, MissingImage};
pub(super) use machine_spec::arch;
pub(crate) use target::{BoardTarget, Target};

/// An image on a machine.
#[derive(Debug)]
pub(super) struct Subject {
    /// The image under test.
    pub image: JobImage,
    /// The machine that it runs on.
    pub machine: Machine,
    /// The virtual machine or the board that the image is run on; an error if the image is missing.
    pub target: Result<Target, MissingImage>,
    /// The values of secrets that the machine hands to its guest, or that its services want.
    pub secrets: Vec<String>,
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
        let (target, secrets) = match &machine.board {
            Some(board) => board_target(&machine, board, &image, project, talk)?,
            None => {
                let (credentials, secrets) = credentials(&machine, project)?;
                let spec = machine_spec(&machine, &image, credentials);
                if let Ok(spec) = &spec {
                    refuse_impossible(&machine.name, spec)?;
                }
                (spec.map(|spec| Target::Virtual(Box::new(spec))), secrets)
            }
        };
        Ok(Self {
            target,
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

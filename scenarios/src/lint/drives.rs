//! The disks and drives that steps can use on a machine.

use crate::finding::{Code, Diagnostic};
use crate::plan::PlannedStep;
use crate::project::Machine;
use crate::step::{Action, BootDisk, Media, Step};

/// The disks that a machine with a certain image can start from, and whether it has a CD drive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drives {
    machine: String,
    image: String,
    /// True if the machine can start from the image as a disk. Also true for the image of a CD on a bus without drives.
    image_is_disk: bool,
    has_drive: bool,
    own_disks: u32,
}

impl Drives {
    /// Collects the disks and drives of a machine with the image of this name.
    pub fn new(machine: &Machine, image: &str, image_is_cd: bool) -> Self {
        Self {
            machine: machine.name.clone(),
            image: image.to_owned(),
            image_is_disk: !(image_is_cd && machine.disk.has_drive()),
            has_drive: (image_is_cd && machine.disk.has_drive()) || machine.cdrom.is_some(),
            own_disks: u32::try_from(machine.disks.len()).unwrap_or(u32::MAX),
        }
    }

    /// Returns true if the machine has this disk or drive.
    pub fn has(&self, disk: BootDisk) -> bool {
        match disk {
            BootDisk::Image => self.image_is_disk,
            BootDisk::Own(number) => (1..=self.own_disks).contains(&number),
            BootDisk::Cd => self.has_drive,
        }
    }

    /// Checks that the machine has the drives and disks that steps need. Leaves out steps with a `when` and the steps
    /// inside them, because they may be meant for another machine.
    pub fn check(&self, steps: &[PlannedStep]) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        for planned in steps.iter().filter(|planned| planned.when().is_none()) {
            findings.extend(self.lacking(planned.step()));
            findings.extend(self.check(&planned.steps));
        }
        findings
    }

    /// Makes the finding about a step that needs a drive or a disk which the machine does not have.
    pub(crate) fn lacking(&self, step: &Step) -> Option<Diagnostic> {
        match &step.action {
            Action::Media(Media::Eject | Media::Insert { .. }) if !self.has(BootDisk::Cd) => {
                let finding = Diagnostic::new(Code::NoDrive, &step.at, self.no_drive());
                Some(finding.with_help(self.how_to_get_one()))
            }
            Action::Boot(boot) => {
                let from = *boot.from.ready().filter(|disk| !self.has(**disk))?;
                let finding = Diagnostic::new(Code::NoDrive, boot.from.at(), self.no_disk(from));
                Some(finding.with_help(self.what_there_is()))
            }
            _ => None,
        }
    }

    /// Returns the message that there is no drive.
    pub fn no_drive(&self) -> String {
        format!(
            "the machine `{}` with the image `{}` has no drive for CDs",
            self.machine, self.image
        )
    }

    /// Returns the advice for a machine without a drive.
    pub fn how_to_get_one(&self) -> &'static str {
        "test an image that is a CD (an ISO file, or a recipe whose layout is `live-cd`), or give the machine a \
        `cdrom:`"
    }

    /// Returns the message that there is no such disk.
    pub fn no_disk(&self, disk: BootDisk) -> String {
        format!(
            "the machine `{}` with the image `{}` has no `{disk}`",
            self.machine, self.image
        )
    }

    /// Returns the list of disks and drives that the machine can start from.
    pub fn what_there_is(&self) -> String {
        let all = [BootDisk::Image]
            .into_iter()
            .chain((1..=self.own_disks).map(BootDisk::Own))
            .chain([BootDisk::Cd]);
        let names: Vec<String> = all
            .filter(|disk| self.has(*disk))
            .map(|disk| format!("`{disk}`"))
            .collect();
        format!("it has {}", names.join(", "))
    }
}

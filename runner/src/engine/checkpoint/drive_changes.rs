//! The changes that steps made to a machine's drives. A saved machine must be restored with the same changes.

use scenarios::BootDisk;
use serde::{Deserialize, Serialize};
use vm::{DiskSource, MachineSpec};

use crate::plan::Media;

/// The differences between a machine's drives now and the drives in the description of its job.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::engine) struct DriveChanges {
    /// The medium in the CD drive; none if it was not changed.
    medium: Option<Medium>,
    /// The index of the disk that is booted first; none for the machine's own order.
    boot_first: Option<usize>,
}

/// The content of a drive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Medium {
    /// No medium.
    Nothing,
    /// The file at this path, relative to the project.
    File(String),
}

impl DriveChanges {
    /// Returns the changes that lead from the description `launched` to the description `now`.
    pub(in crate::engine) fn between(
        launched: &MachineSpec,
        now: &MachineSpec,
        media: &Media,
    ) -> Self {
        let drive = now.cd_drive().and_then(|place| now.disks.get(place));
        let drive = drive.filter(|drive| !launched.disks.contains(drive));
        Self {
            medium: drive.map(|drive| match &drive.source {
                DiskSource::Cdrom(image) => Medium::File(media.path(&image.path)),
                _ => Medium::Nothing,
            }),
            boot_first: now.boot_first,
        }
    }

    /// Returns the description of the machine with these changes.
    pub(in crate::engine) fn applied(&self, mut spec: MachineSpec, media: &Media) -> MachineSpec {
        let drive = spec.cd_drive().and_then(|place| spec.disks.get_mut(place));
        if let (Some(drive), Some(medium)) = (drive, &self.medium) {
            drive.source = match medium {
                Medium::Nothing => DiskSource::EmptyDrive,
                Medium::File(path) => DiskSource::Cdrom(media.file(path).into()),
            };
        }
        spec.boot_first = self.boot_first;
        spec
    }
}

/// Returns the index of a disk in the description of a machine; none if the machine has no such disk.
pub(in crate::engine) fn place(disk: BootDisk, spec: &MachineSpec) -> Option<usize> {
    let nth = |wanted: fn(&DiskSource) -> bool, n: usize| {
        let disks = spec.disks.iter().enumerate();
        let mut places = disks.filter(|(_, disk)| wanted(&disk.source));
        places.nth(n).map(|(place, _)| place)
    };
    match disk {
        BootDisk::Image => nth(|source| matches!(source, DiskSource::Overlay(_)), 0),
        BootDisk::Own(number) => {
            let before = usize::try_from(number.checked_sub(1)?).ok()?;
            nth(|source| matches!(source, DiskSource::Blank { .. }), before)
        }
        BootDisk::Cd => spec.cd_drive(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use vm::{Arch, Disk};

    use super::*;

    #[test]
    fn a_machine_is_made_again_as_it_was_changed() {
        let media = Media::new("/project".into(), BTreeMap::new());
        let mut launched = MachineSpec::desktop(Arch::X86_64);
        launched.disks = vec![Disk::cdrom("/project/install.iso"), Disk::blank(100)];
        let with = |drive: Disk, first| {
            let mut spec = launched.clone();
            spec.disks[0] = drive;
            spec.boot_first = first;
            spec
        };
        for (now, note) in [
            (launched.clone(), "{\"medium\":null,\"boot-first\":null}"),
            (
                with(Disk::empty_drive(), None),
                "{\"medium\":\"nothing\",\"boot-first\":null}",
            ),
            (
                with(Disk::cdrom("/project/isos/second.iso"), Some(1)),
                "{\"medium\":{\"file\":\"isos/second.iso\"},\"boot-first\":1}",
            ),
            (
                with(Disk::cdrom("/elsewhere/third.iso"), Some(0)),
                "{\"medium\":{\"file\":\"/elsewhere/third.iso\"},\"boot-first\":0}",
            ),
        ] {
            let changes = DriveChanges::between(&launched, &now, &media);
            assert_eq!(serde_json::to_string(&changes).expect("a note"), note);
            assert_eq!(changes.applied(launched.clone(), &media), now);
        }
    }

    #[test]
    fn disks_are_known_by_what_is_on_them() {
        let mut spec = MachineSpec::desktop(Arch::X86_64);
        let places = |spec: &MachineSpec| {
            let names = [
                BootDisk::Image,
                BootDisk::Own(1),
                BootDisk::Own(2),
                BootDisk::Cd,
            ];
            names.map(|name| place(name, spec))
        };
        assert_eq!(places(&spec), [None; 4]);
        spec.disks = vec![Disk::overlay("/a.qcow2"), Disk::blank(1), Disk::blank(2)];
        assert_eq!(places(&spec), [Some(0), Some(1), Some(2), None]);
        spec.disks = vec![Disk::cdrom("/a.iso"), Disk::blank(1)];
        assert_eq!(places(&spec), [None, Some(1), None, Some(0)]);
        spec.disks = vec![
            Disk::overlay("/a.qcow2"),
            Disk::blank(1),
            Disk::empty_drive(),
        ];
        assert_eq!(places(&spec), [Some(0), Some(1), None, Some(2)]);
    }

    #[test]
    fn a_project_in_another_folder_has_its_own_media() {
        let there = Media::new("/there".into(), BTreeMap::new());
        let here = Media::new(".".into(), BTreeMap::new());
        let mut launched = MachineSpec::desktop(Arch::X86_64);
        launched.disks = vec![Disk::cdrom("/cache/live.qcow2")];
        let mut now = launched.clone();
        now.disks[0] = Disk::cdrom("/there/second.iso");
        let changes = DriveChanges::between(&launched, &now, &there);
        let again = changes.applied(launched, &here);
        assert_eq!(again.disks, [Disk::cdrom("./second.iso")]);
    }
}

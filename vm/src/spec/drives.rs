//! The drive for CDs, and the boot order of disks.

use super::{Arch, DiskSource, Firmware, MachineSpec};

impl MachineSpec {
    /// Returns the place of the drive for CDs among the disks, with or without a medium. Of several drives, returns the
    /// first.
    #[must_use]
    pub fn cd_drive(&self) -> Option<usize> {
        self.disks.iter().position(|disk| match disk.source {
            DiskSource::Cdrom(_) | DiskSource::EmptyDrive => true,
            DiskSource::Overlay(_) | DiskSource::Blank { .. } => false,
        })
    }

    /// Returns the number of the disk at `place` in the boot order, counted from 0. Disks that are not first keep their
    /// order.
    #[must_use]
    pub fn boot_index(&self, place: usize) -> usize {
        let turn = match self.boot_first {
            Some(first) if place == first => 0,
            Some(first) if place < first => place + 1,
            Some(_) | None => place,
        };
        turn + usize::from(self.kernel_takes_first_turn())
    }

    /// Returns true if it starts with the BIOS of PCs, which writes a log.
    pub(crate) fn has_bios(&self) -> bool {
        self.arch == Arch::X86_64 && self.firmware == Firmware::Bios
    }

    /// On PCs, QEMU starts a kernel by a boot ROM of its own, whose number in the boot order is 0.
    fn kernel_takes_first_turn(&self) -> bool {
        self.arch == Arch::X86_64 && matches!(self.firmware, Firmware::Kernel(_))
    }
}

/// Returns QEMU's name of the device of the disk at `place`. Commands for its medium and its boot order use it.
pub(crate) fn device_id(place: usize) -> String {
    format!("drive{place}")
}

/// Returns QEMU's name of the medium of the disk at `place`.
pub(crate) fn node_name(place: usize) -> String {
    format!("disk{place}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Arch, Disk, KernelBoot};

    #[test]
    fn one_disk_is_booted_first_and_the_others_keep_their_order() {
        let mut spec = MachineSpec::desktop(Arch::X86_64);
        spec.disks = vec![Disk::blank(1), Disk::blank(1), Disk::blank(1)];
        for (first, order) in [
            (None, [0, 1, 2]),
            (Some(0), [0, 1, 2]),
            (Some(1), [1, 0, 2]),
            (Some(2), [1, 2, 0]),
        ] {
            spec.boot_first = first;
            assert_eq!([0, 1, 2].map(|place| spec.boot_index(place)), order);
        }
    }

    #[test]
    fn a_kernel_of_a_pc_takes_the_first_turn() {
        let kernel = Firmware::Kernel(KernelBoot {
            kernel: "/vmlinuz".into(),
            initrd: None,
            append: String::new(),
        });
        for (arch, order) in [(Arch::X86_64, [1, 2]), (Arch::Aarch64, [0, 1])] {
            let mut spec = MachineSpec::desktop(arch);
            spec.firmware = kernel.clone();
            spec.disks = vec![Disk::blank(1), Disk::blank(1)];
            assert_eq!([0, 1].map(|place| spec.boot_index(place)), order);
            spec.boot_first = Some(1);
            assert_eq!(spec.boot_index(1), order[0]);
        }
    }

    #[test]
    fn a_drive_is_one_with_and_without_a_cd() {
        let mut spec = MachineSpec::desktop(Arch::X86_64);
        spec.disks = vec![Disk::overlay("/a.qcow2"), Disk::blank(1)];
        assert_eq!(spec.cd_drive(), None);
        for disk in [Disk::cdrom("/a.iso"), Disk::empty_drive()] {
            spec.disks[1] = disk;
            assert_eq!(spec.cd_drive(), Some(1));
        }
    }
}

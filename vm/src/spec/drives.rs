use super::{DiskSource, MachineSpec};

impl MachineSpec {
    /// The place among the disks of the drive for CDs, whether there is one in it or not; of several drives the first.
    #[must_use]
    pub fn cd_drive(&self) -> Option<usize> {
        self.disks.iter().position(|disk| match disk.source {
            DiskSource::Cdrom(_) | DiskSource::EmptyDrive => true,
            DiskSource::Overlay(_) | DiskSource::Blank { .. } => false,
        })
    }

    /// When it is the turn of the disk at `place` to be booted from, counted from 0. Those that are not first keep their order.
    #[must_use]
    pub fn boot_index(&self, place: usize) -> usize {
        match self.boot_first {
            Some(first) if place == first => 0,
            Some(first) if place < first => place + 1,
            Some(_) | None => place,
        }
    }
}

/// QEMU's name of the device of the disk at `place`: what its medium and its turn at boot are changed by.
pub(crate) fn device_id(place: usize) -> String {
    format!("drive{place}")
}

/// QEMU's name of what is on the disk at `place`.
pub(crate) fn node_name(place: usize) -> String {
    format!("disk{place}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Arch, Disk};

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

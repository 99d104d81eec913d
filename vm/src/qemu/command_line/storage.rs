//! The disks on the command line.

use std::path::Path;

use serde_json::{Value, json};

use super::{DiskFile, builder::Builder};
use crate::{
    Arch, DiskBus, DiskSource,
    spec::{device_id, node_name},
};

impl Builder<'_> {
    /// The disks, each with the controller that it needs.
    pub(super) fn disks(&mut self) {
        let (spec, wiring) = (self.spec, self.wiring);
        let has = |bus| spec.disks.iter().any(|disk| disk.bus(spec.arch) == bus);
        if has(DiskBus::Scsi) {
            self.device("virtio-scsi-pci,id=scsi");
        }
        // PCs have a controller of their own.
        if has(DiskBus::Sata) && spec.arch != Arch::X86_64 {
            self.device("ahci,id=sata");
        }
        let mut sata_ports = 0..;
        for (place, file) in (0..spec.disks.len()).zip(&wiring.disks) {
            self.disk(place, file.as_ref(), &mut sata_ports);
        }
    }

    fn disk(
        &mut self,
        place: usize,
        file: Option<&DiskFile>,
        sata_ports: &mut impl Iterator<Item = u32>,
    ) {
        let (spec, disk) = (self.spec, &self.spec.disks[place]);
        let in_drive = match disk.source {
            DiskSource::Cdrom(_) | DiskSource::EmptyDrive => true,
            DiskSource::Overlay(_) | DiskSource::Blank { .. } => false,
        };
        let kind = if in_drive { "cd" } else { "hd" };
        let mut device = match disk.bus(spec.arch) {
            DiskBus::Virtio => "virtio-blk-pci".to_owned(),
            DiskBus::Nvme => format!("nvme,serial={}", node_name(place)),
            DiskBus::Scsi => format!("scsi-{kind},bus=scsi.0"),
            DiskBus::Usb => "usb-storage,bus=usb.0".to_owned(),
            DiskBus::Sata => {
                let port = sata_ports.next().unwrap_or_default();
                match spec.arch {
                    Arch::X86_64 if spec.is_i440fx() => {
                        format!("ide-{kind},bus=ide.{},unit={}", port / 2, port % 2)
                    }
                    Arch::X86_64 => format!("ide-{kind},bus=ide.{port}"),
                    Arch::Aarch64 | Arch::Riscv64 | Arch::Loongarch64 => {
                        format!("ide-{kind},bus=sata.{port}")
                    }
                }
            }
        };
        if disk.sector_bytes != 512 {
            let bytes = disk.sector_bytes;
            device.push_str(&format!(
                ",logical_block_size={bytes},physical_block_size={bytes}"
            ));
        }
        device.push_str(&format!(",id={}", device_id(place)));
        if let Some(file) = file {
            self.blockdev(&disk_node(place, file, in_drive));
            device.push_str(&format!(",drive={}", node_name(place)));
        }
        device.push_str(&format!(",bootindex={}", spec.boot_index(place)));
        self.device(device);
    }
}

/// Returns the description of the disk of this number, as QEMU opens it.
pub(crate) fn disk_node(index: usize, file: &DiskFile, read_only: bool) -> Value {
    let mut node = opened(file);
    // An overlay is removed after the run, so it need not reach the disk ("no-flush"). A guest's flush still brings
    // QEMU's tables of the overlay into its file: a power cut loses unflushed data and nothing else.
    node["cache"] = json!({"direct": false, "no-flush": !read_only});
    node["node-name"] = json!(node_name(index));
    node["read-only"] = json!(read_only);
    node
}

/// Returns a file with everything that its header could make QEMU open. No format is guessed, and no name in the header
/// is followed.
fn opened(file: &DiskFile) -> Value {
    let protocol = |path: &Path| json!({"driver": "file", "filename": path.to_string_lossy()});
    let mut node = json!({"driver": file.format.driver(), "file": protocol(&file.path)});
    if let Some(data) = &file.data {
        node["data-file"] = protocol(data);
    }
    if file.format.may_stand_on_another() {
        node["backing"] = match &file.backing {
            Some(backing) => {
                let mut backing = opened(backing);
                backing["read-only"] = json!(true);
                backing
            }
            None => Value::Null,
        };
    }
    node
}

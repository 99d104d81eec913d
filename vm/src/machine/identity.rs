use std::{
    fs,
    io::Read,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{LaunchError, run_files::file_error, spec_check::check, start::find};
use crate::{
    AccelChoice, DiskSource, MachineSpec,
    firmware::FirmwareFiles,
    qemu::QemuProgram,
    spec::{CommandLine, DiskFile, MainMemory, Wiring},
};

impl MachineSpec {
    /// A text that is the same for two machines only if they are the same to their guests, on this host: QEMU's program and version,
    /// accelerator, firmware and every option. The content of images is not in it. Blocks for some tens of milliseconds.
    ///
    /// # Errors
    /// As [`Machine::launch`](crate::Machine::launch), for what it looks for.
    pub fn identity(&self) -> Result<String, LaunchError> {
        check(self)?;
        let (program, accel, firmware) = find(self)?;
        self.identity_in(&program, accel, firmware)
    }

    /// On a host that has these.
    fn identity_in(
        &self,
        program: &QemuProgram,
        accel: AccelChoice,
        firmware: Option<FirmwareFiles>,
    ) -> Result<String, LaunchError> {
        let file = |index, source: &DiskSource| {
            let format = match source {
                DiskSource::Cdrom(_) => "raw",
                DiskSource::Overlay(_) | DiskSource::Blank { .. } => "qcow2",
                DiskSource::EmptyDrive => return None,
            };
            let path = PathBuf::from(format!("disk{index}"));
            Some(DiskFile { path, format })
        };
        let disks = self.disks.iter().enumerate();
        let blank = self.disks.iter().map(|disk| match &disk.source {
            DiskSource::Blank { size_mib } => *size_mib,
            DiskSource::Cdrom(_) | DiskSource::EmptyDrive | DiskSource::Overlay(_) => 0,
        });
        let firmware_digests = firmware
            .iter()
            .flat_map(|files| [&files.code, &files.variables])
            .map(|path| digest(path))
            .collect::<Result<Vec<_>, _>>()?;
        let wiring = Wiring {
            accel,
            firmware,
            variables: PathBuf::from("variables"),
            disks: disks
                .map(|(index, disk)| file(index, &disk.source))
                .collect(),
            memory: MainMemory::Process,
            incoming: false,
            vnc: false,
            qmp: 0,
            serial: 0,
            agent: 0,
        };
        let meta = fs::metadata(&program.path).map_err(file_error("read", &program.path))?;
        let identity = json!({
            "program": program.path.to_string_lossy(),
            "version": program.version.to_string(),
            // A rebuilt QEMU of the same version may save otherwise.
            "changed": [meta.len(), meta.mtime().cast_unsigned(), meta.mtime_nsec().cast_unsigned()],
            "arguments": CommandLine::new(self, &wiring).args(),
            "blank-disks-mib": blank.collect::<Vec<_>>(),
            "firmware": firmware_digests,
        });
        Ok(identity.to_string())
    }
}

/// The SHA-256 of a file of some megabytes.
fn digest(path: &Path) -> Result<String, LaunchError> {
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .map_err(file_error("read", path))?;
    Ok(Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Accel, Arch, Disk, Firmware, firmware::FlashFormat, qemu::QemuVersion};

    fn spec() -> MachineSpec {
        let mut spec = MachineSpec::desktop(Arch::X86_64);
        spec.accel = Accel::Tcg;
        spec.firmware = Firmware::Bios;
        spec.disks = vec![Disk::overlay("/images/gnome.qcow2"), Disk::blank(100)];
        spec
    }

    /// A host with the files of a QEMU and of its firmware.
    struct Host {
        folder: tempfile::TempDir,
        program: QemuProgram,
    }

    impl Host {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("qemu-system-x86_64");
            fs::write(&path, "program").unwrap();
            let version = QemuVersion {
                major: 7,
                minor: 2,
                micro: 22,
            };
            Self {
                folder,
                program: QemuProgram { path, version },
            }
        }

        fn firmware(&self, code: &str) -> FirmwareFiles {
            let file = |name: &str, text: &str| {
                let path = self.folder.path().join(name);
                fs::write(&path, text).unwrap();
                path
            };
            FirmwareFiles {
                descriptor: PathBuf::new(),
                code: file("code", code),
                variables: file("variables", "variables"),
                code_format: FlashFormat::Raw,
                variables_format: FlashFormat::Raw,
            }
        }

        fn identity(&self, spec: &MachineSpec, firmware: Option<FirmwareFiles>) -> String {
            let accel = AccelChoice::Tcg {
                because: "it is asked for".to_owned(),
            };
            spec.identity_in(&self.program, accel, firmware).unwrap()
        }
    }

    #[test]
    fn everything_a_guest_can_notice_is_in_it() {
        let host = Host::new();
        let same = host.identity(&spec(), None);
        assert_eq!(host.identity(&spec(), None), same);
        type Change = fn(&mut MachineSpec);
        let changes: [(&str, Change); 6] = [
            ("memory", |spec| spec.memory_mib += 1),
            ("processors", |spec| spec.cpus += 1),
            ("processor", |spec| {
                spec.cpu_model = Some("qemu64".to_owned())
            }),
            ("screen", |spec| spec.display.width += 8),
            ("disk", |spec| spec.disks[1] = Disk::blank(101)),
            ("arguments", |spec| {
                spec.extra_args.push("-no-hpet".to_owned())
            }),
        ];
        for (what, change) in changes {
            let mut other = spec();
            change(&mut other);
            assert_ne!(host.identity(&other, None), same, "{what}");
        }
    }

    #[test]
    fn another_firmware_and_another_build_of_qemu_are_in_it() {
        let mut host = Host::new();
        let mut uefi = spec();
        uefi.firmware = Firmware::Uefi;
        let one = host.identity(&uefi, Some(host.firmware("one")));
        assert_eq!(host.identity(&uefi, Some(host.firmware("one"))), one);
        assert_ne!(host.identity(&uefi, Some(host.firmware("two"))), one);
        fs::write(&host.program.path, "another program").unwrap();
        let rebuilt = host.identity(&uefi, Some(host.firmware("one")));
        assert_ne!(rebuilt, one);
        host.program.version.micro += 1;
        assert_ne!(host.identity(&uefi, Some(host.firmware("one"))), rebuilt);
    }
}

use std::{
    fs,
    io::Read,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{LaunchError, lookup::Found, run_files::file_error, spec_check::check};
use crate::{
    DiskSource, Firmware, MachineSpec,
    image::FileFormat,
    spec::{CommandLine, DiskFile, FIRMWARE_LOG, MainMemory, Wiring},
};

impl MachineSpec {
    /// A text that is the same for two machines only if they are the same to their guests, on this host: QEMU's program
    /// and version, accelerator, firmware and every option, kernels and CDs by path, size and time. The content of the
    /// first disk is not in it. Blocks for some tens of milliseconds.
    ///
    /// # Errors
    /// As [`Machine::launch`](crate::Machine::launch), for what it looks for.
    pub fn identity(&self) -> Result<String, LaunchError> {
        check(self)?;
        self.identity_in(&Found::on_host(self)?)
    }

    /// On a host that has these.
    fn identity_in(&self, found: &Found) -> Result<String, LaunchError> {
        let Found {
            program,
            accel,
            firmware,
            tpm,
        } = found;
        let file = |index, source: &DiskSource| {
            let format = match source {
                DiskSource::Cdrom(_) => FileFormat::Raw,
                DiskSource::Overlay(_) | DiskSource::Blank { .. } => FileFormat::Qcow2,
                DiskSource::EmptyDrive => return None,
            };
            Some(DiskFile::new(format!("disk{index}"), format))
        };
        let disks = self.disks.iter().enumerate();
        let sizes = self.disks.iter().map(|disk| match &disk.source {
            DiskSource::Blank { size_mib } => *size_mib,
            DiskSource::Cdrom(_) | DiskSource::EmptyDrive => 0,
            DiskSource::Overlay(_) => disk.grown_to_mib.unwrap_or(0),
        });
        // The same bytes are another disk in another format.
        let formats: Vec<_> = self
            .disks
            .iter()
            .map(|disk| match &disk.source {
                DiskSource::Cdrom(image) | DiskSource::Overlay(image) => {
                    image.format.map(FileFormat::driver)
                }
                DiskSource::EmptyDrive | DiskSource::Blank { .. } => None,
            })
            .collect();
        let firmware_digests = firmware
            .as_ref()
            .into_iter()
            .flat_map(|files| files.all())
            .map(digest)
            .collect::<Result<Vec<_>, _>>()?;
        let wiring = Wiring {
            accel: accel.clone(),
            firmware: firmware.clone(),
            variables: PathBuf::from("variables"),
            disks: disks
                .map(|(index, disk)| file(index, &disk.source))
                .collect(),
            memory: MainMemory::Process,
            incoming: false,
            vnc: false,
            qmp: 0,
            serials: (0..self.serials).map(|_| 0).collect(),
            agent: 0,
            tpm: 0,
            firmware_log: self.has_bios().then(|| FIRMWARE_LOG.into()),
            keyboard_reports: None,
            credentials: Vec::new(),
        };
        // Not the values, but what tells them apart.
        let credentials: Vec<_> = self
            .credentials
            .iter()
            .map(|own| format!("{own:?}"))
            .collect();
        // Small things are read, large ones are known by when they were written.
        let files = self.files_beside_the_image().into_iter().chain(tpm.clone());
        let files = files
            .map(|path| Stamp::of(&path))
            .collect::<Result<Vec<_>, _>>()?;
        let identity = json!({
            "program": program.path.to_string_lossy(),
            "version": program.version.to_string(),
            // A rebuilt QEMU of the same version may save otherwise.
            "changed": Stamp::of(&program.path)?,
            "files": files,
            "credentials": credentials,
            "arguments": CommandLine::new(self, &wiring).args(),
            "disks-mib": sizes.collect::<Vec<_>>(),
            "formats": formats,
            "firmware": firmware_digests,
        });
        Ok(identity.to_string())
    }
}

impl MachineSpec {
    /// The files that a guest reads, but for the image under test.
    fn files_beside_the_image(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        files.extend(self.variables.clone());
        if let Firmware::Kernel(boot) = &self.firmware {
            files.push(boot.kernel.clone());
            files.extend(boot.initrd.clone());
        }
        for disk in self.disks.iter().skip(1) {
            if let DiskSource::Cdrom(image) = &disk.source {
                match image.open() {
                    Ok(opened) => files.extend(opened.files().map(Path::to_owned)),
                    // To launch the machine tells what is wrong with it.
                    Err(_) => files.push(image.path.clone()),
                }
            }
        }
        files
    }
}

/// What tells a file from what it was before, without reading it.
#[derive(Debug, Serialize)]
struct Stamp {
    path: String,
    bytes: u64,
    seconds: i64,
    nanoseconds: i64,
}

impl Stamp {
    fn of(path: &Path) -> Result<Self, LaunchError> {
        let meta = fs::metadata(path).map_err(file_error("read", path))?;
        Ok(Self {
            path: path.to_string_lossy().into_owned(),
            bytes: meta.len(),
            seconds: meta.mtime(),
            nanoseconds: meta.mtime_nsec(),
        })
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
    use crate::{
        Accel, AccelChoice, Arch, Credential, Disk, DiskBus, KernelBoot, Nic,
        firmware::{FirmwareFiles, FirmwareMapping, FlashChips, FlashFormat},
        qemu::{QemuProgram, QemuVersion},
    };

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
            let version = QemuVersion::new(7, 2, 22);
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
                mapping: FirmwareMapping::Flash(FlashChips {
                    code_format: FlashFormat::Raw,
                    variables: file("variables", "variables"),
                    variables_format: FlashFormat::Raw,
                    needs_smm: false,
                }),
            }
        }

        fn identity(&self, spec: &MachineSpec, firmware: Option<FirmwareFiles>) -> String {
            let accel = AccelChoice::Tcg {
                because: "it is asked for".to_owned(),
            };
            let found = Found {
                program: self.program.clone(),
                accel,
                firmware,
                tpm: None,
            };
            spec.identity_in(&found).unwrap()
        }
    }

    #[test]
    fn everything_a_guest_can_notice_is_in_it() {
        let host = Host::new();
        let same = host.identity(&spec(), None);
        assert_eq!(host.identity(&spec(), None), same);
        type Change = fn(&mut MachineSpec);
        let changes: [(&str, Change); 11] = [
            ("memory", |spec| spec.memory_mib += 1),
            ("processors", |spec| spec.cpus += 1),
            ("processor", |spec| {
                spec.cpu_model = Some("qemu64".to_owned())
            }),
            ("screen", |spec| spec.display.width += 8),
            ("disk", |spec| spec.disks[1] = Disk::blank(101)),
            ("bus", |spec| {
                spec.disks[1] = Disk::blank(100).on(DiskBus::Nvme)
            }),
            ("size", |spec| spec.disks[0].grown_to_mib = Some(9000)),
            ("network", |spec| spec.nics.push(Nic::default())),
            ("serial lines", |spec| spec.serials = 2),
            ("credential", |spec| {
                spec.credentials.push(Credential::new("a", "b").unwrap());
            }),
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

    #[test]
    fn a_kernel_or_cd_that_was_written_anew_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["linux", "a.iso", "b.iso"] {
            fs::write(path(name), name).unwrap();
        }
        let mut spec = spec();
        spec.firmware = Firmware::Kernel(KernelBoot {
            kernel: path("linux"),
            initrd: None,
            append: String::new(),
        });
        spec.disks = vec![Disk::cdrom(path("a.iso")), Disk::cdrom(path("b.iso"))];
        let stamps = |spec: &MachineSpec| -> Vec<String> {
            let files = spec.files_beside_the_image();
            let stamps = files
                .iter()
                .map(|path| format!("{:?}", Stamp::of(path).unwrap()));
            stamps.collect()
        };
        let before = stamps(&spec);
        assert_eq!(
            before.len(),
            2,
            "the image under test is known by its digest: {before:?}"
        );
        for (at, name) in ["linux", "b.iso"].into_iter().enumerate() {
            fs::write(path(name), "other content").unwrap();
            assert_ne!(stamps(&spec)[at], before[at], "{name}");
        }
    }
}

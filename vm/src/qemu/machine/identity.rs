//! Names a machine by what its guest can notice, for the keys of checkpoints. The name is the same on every host.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{LaunchError, lookup::Found, run_files::file_error, spec_check::check};
use crate::{
    DiskSource, Firmware, KernelBoot, MachineSpec,
    image::{Digest, DigestError, FileFormat, ImageStore},
    qemu::{
        command_line::{CommandLine, DiskFile, FIRMWARE_LOG, MainMemory, Wiring},
        firmware::{FirmwareFiles, FirmwareMapping, FlashChips},
    },
};

impl MachineSpec {
    /// Returns a text that is the same for two machines only if they are the same for their guests: QEMU's version and
    /// content, accelerator, firmware and every option. Files count by their content and not by their path, so that the
    /// text is the same on another host. The content of the first disk is not included.
    ///
    /// Blocks for some tens of milliseconds. The digests of files are noted in `images`, so that each is read once.
    ///
    /// # Errors
    /// The errors of [`Machine::launch`](crate::Machine::launch) for missing programs and files.
    pub fn identity(&self, images: &ImageStore) -> Result<String, LaunchError> {
        check(self)?;
        self.identity_in(&Found::on_host(self)?, images)
    }

    /// Returns the identity on a host with these programs and files.
    fn identity_in(&self, found: &Found, images: &ImageStore) -> Result<String, LaunchError> {
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
        let digest = |path: &Path| images.digest_of(path).map_err(unreadable);
        let firmware_digests = firmware
            .iter()
            .flat_map(FirmwareFiles::all)
            .map(digest)
            .collect::<Result<Vec<_>, _>>()?;
        let wiring = Wiring {
            accel: accel.clone(),
            firmware: firmware.as_ref().map(without_paths),
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
        // Not the values, but texts that distinguish them.
        let credentials: Vec<_> = self
            .credentials
            .iter()
            .map(|own| format!("{own:?}"))
            .collect();
        let mut files = self.files_beside_the_image(images)?;
        files.extend(tpm.as_deref().map(digest).transpose()?);
        let identity = json!({
            "version": program.version.to_string(),
            // A rebuilt QEMU of the same version may save in another way.
            "program": digest(&program.path)?,
            "files": files,
            "credentials": credentials,
            "arguments": CommandLine::new(&self.without_kernel_paths(), &wiring).args(),
            "disks-mib": sizes.collect::<Vec<_>>(),
            "formats": formats,
            "firmware": firmware_digests,
        });
        Ok(identity.to_string())
    }

    /// Returns the digests of the files that a guest reads, except for the image under test.
    fn files_beside_the_image(&self, images: &ImageStore) -> Result<Vec<Digest>, LaunchError> {
        let mut files: Vec<&Path> = Vec::new();
        files.extend(self.variables.as_deref());
        if let Firmware::Kernel(boot) = &self.firmware {
            files.push(&boot.kernel);
            files.extend(boot.initrd.as_deref());
        }
        let mut digests = Vec::new();
        for path in files {
            digests.push(images.digest_of(path).map_err(unreadable)?);
        }
        for disk in self.disks.iter().skip(1) {
            if let DiskSource::Cdrom(image) = &disk.source {
                let digest = match image.open() {
                    Ok(opened) => images.digest_of_all(&opened),
                    // The launch of the machine reports the fault.
                    Err(_) => images.digest_of(&image.path),
                };
                digests.push(digest.map_err(unreadable)?);
            }
        }
        Ok(digests)
    }

    /// Returns the same machine with the kernel's files under names that are the same on every host.
    fn without_kernel_paths(&self) -> Self {
        let mut spec = self.clone();
        if let Firmware::Kernel(boot) = &self.firmware {
            spec.firmware = Firmware::Kernel(KernelBoot {
                kernel: "kernel".into(),
                initrd: boot.initrd.as_ref().map(|_| "initrd".into()),
                append: boot.append.clone(),
            });
        }
        spec
    }
}

/// Returns the same firmware under file names that are the same on every host.
fn without_paths(files: &FirmwareFiles) -> FirmwareFiles {
    FirmwareFiles {
        descriptor: PathBuf::new(),
        code: "firmware".into(),
        mapping: match &files.mapping {
            FirmwareMapping::Flash(chips) => FirmwareMapping::Flash(FlashChips {
                variables: "variables".into(),
                ..chips.clone()
            }),
            FirmwareMapping::Kernel => FirmwareMapping::Kernel,
        },
    }
}

fn unreadable(error: DigestError) -> LaunchError {
    file_error("read", &error.path)(error.source)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{
        Accel, AccelChoice, Arch, Credential, Disk, DiskBus, Nic,
        qemu::{
            firmware::FlashFormat,
            process::{QemuProgram, QemuVersion},
        },
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
        images: ImageStore,
    }

    impl Host {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("qemu-system-x86_64");
            fs::write(&path, "program").unwrap();
            let version = QemuVersion::new(7, 2, 22);
            Self {
                images: ImageStore::open(folder.path().join("images")).unwrap(),
                program: QemuProgram { path, version },
                folder,
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
            spec.identity_in(&found, &self.images).unwrap()
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

    /// A machine that starts a kernel of this folder and has two CDs, the first one of which is tested.
    fn with_files(folder: &Path) -> MachineSpec {
        for name in ["linux", "a.iso", "b.iso"] {
            fs::write(folder.join(name), name).unwrap();
        }
        let mut spec = spec();
        spec.firmware = Firmware::Kernel(KernelBoot {
            kernel: folder.join("linux"),
            initrd: None,
            append: String::new(),
        });
        spec.disks = ["a.iso", "b.iso"]
            .map(|name| Disk::cdrom(folder.join(name)))
            .to_vec();
        spec
    }

    #[test]
    fn the_same_files_at_other_places_are_the_same_machine() {
        let [one, other] = [Host::new(), Host::new()].map(|host| {
            let uefi = MachineSpec {
                firmware: Firmware::Uefi,
                ..spec()
            };
            [
                host.identity(&uefi, Some(host.firmware("code"))),
                host.identity(&with_files(host.folder.path()), None),
            ]
            .map(|identity| {
                let folder = host.folder.path().to_string_lossy();
                assert!(!identity.contains(&*folder), "{identity}");
                identity
            })
        });
        assert_eq!(one, other);
    }

    #[test]
    fn a_kernel_or_cd_with_other_content_is_another_machine() {
        let host = Host::new();
        let folder = host.folder.path();
        let spec = with_files(folder);
        let before = host.identity(&spec, None);
        fs::write(
            folder.join("a.iso"),
            "the image under test is known by its own digest",
        )
        .unwrap();
        assert_eq!(host.identity(&spec, None), before);
        for name in ["linux", "b.iso"] {
            fs::write(folder.join(name), "other content").unwrap();
            assert_ne!(host.identity(&spec, None), before, "{name}");
            fs::write(folder.join(name), name).unwrap();
        }
    }
}

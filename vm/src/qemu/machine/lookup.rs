//! Searches the programs and files for a machine on this host.

use std::path::PathBuf;

use super::{LaunchError, spec_check::check};
use crate::{
    AccelChoice, Arch, Firmware, MachineSpec,
    host::Tool,
    qemu::firmware::{FirmwareFiles, FirmwareFolders, FirmwareMapping, FirmwareNeeds},
    qemu::process::{QemuProgram, QemuVersion, in_path},
    spec::KvmFacts,
};

/// The programs and files of this host that a machine is started with.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) program: QemuProgram,
    pub(super) accel: AccelChoice,
    /// The UEFI firmware. None with BIOS or a kernel.
    pub(super) firmware: Option<FirmwareFiles>,
    /// The program that is the TPM, if the machine has one.
    pub(super) tpm: Option<PathBuf>,
}

impl Found {
    /// Searches everything that a machine needs. Blocks for some tens of milliseconds.
    pub(super) fn on_host(spec: &MachineSpec) -> Result<Self, LaunchError> {
        let accel = spec.accel.decide(spec.arch, &KvmFacts::of_host())?;
        let program = QemuProgram::find(spec.arch)?;
        let firmware = match spec.firmware {
            Firmware::Uefi => Some(FirmwareFolders::of_host().find(&FirmwareNeeds {
                arch: spec.arch,
                machine_type: spec.machine_type(),
                qemu: Some(program.version),
                secure_boot: spec.secure_boot,
            })?),
            Firmware::Bios | Firmware::Kernel(_) => None,
        };
        let tpm = match spec.tpm {
            true => Some(in_path(Tool::Swtpm.program()).ok_or(LaunchError::Tool(Tool::Swtpm))?),
            false => None,
        };
        let found = Self {
            program,
            accel,
            firmware,
            tpm,
        };
        found.suits(spec)?;
        Ok(found)
    }

    /// The checks whose result depends on the host.
    fn suits(&self, spec: &MachineSpec) -> Result<(), LaunchError> {
        let wrong = |reason: String| Err(LaunchError::Spec { reason });
        if let (Some(model), AccelChoice::Tcg { because }) = (&spec.cpu_model, &self.accel)
            && model.split(',').next() == Some("host")
        {
            return wrong(format!(
                "the processor `host` needs KVM, but {because}; without `cpu` it gets one that works on every host"
            ));
        }
        if !(spec.smbios.is_empty() && spec.credentials.is_empty()) {
            let arch = spec.arch;
            let without = match &self.firmware {
                Some(files) if files.mapping == FirmwareMapping::Kernel => {
                    Some(format!("{} hands on none", files.code.display()))
                }
                None if arch != Arch::X86_64 => {
                    Some(format!("on {arch} there are none without UEFI firmware"))
                }
                Some(_) | None => None,
            };
            if let Some(without) = without {
                return wrong(format!(
                    "`smbios` and `credentials` reach a guest by SMBIOS tables, and {without}"
                ));
            }
        }
        Ok(())
    }
}

impl MachineSpec {
    /// Checks that the machine can be built on any host. Takes next to no time: no image is opened.
    ///
    /// # Errors
    /// [`LaunchError::Spec`] with the fault.
    pub fn check(&self) -> Result<(), LaunchError> {
        check(self)
    }

    /// Checks that this host has everything that the machine needs: QEMU, its firmware, the accelerator, the emulator
    /// of its TPM. Does not check images. Blocks for some tens of milliseconds.
    ///
    /// # Errors
    /// The errors of [`Machine::launch`](crate::Machine::launch) for missing programs and files.
    pub fn check_host(&self) -> Result<(), LaunchError> {
        check(self)?;
        Found::on_host(self).map(drop)
    }

    /// Returns whether this host's QEMU has the keys F13 to F24. None if there is no QEMU.
    #[must_use]
    pub fn has_keys_beyond_f12(&self) -> Option<bool> {
        let program = QemuProgram::find(self.arch).ok()?;
        Some(program.version >= QemuVersion::new(8, 0, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Credential, KernelBoot,
        qemu::firmware::{FlashChips, FlashFormat},
    };

    fn found(accel: AccelChoice, mapping: Option<FirmwareMapping>) -> Found {
        Found {
            program: QemuProgram {
                path: "/bin/qemu".into(),
                version: QemuVersion::new(10, 0, 2),
            },
            accel,
            firmware: mapping.map(|mapping| FirmwareFiles {
                descriptor: "60.json".into(),
                code: "/fw/code".into(),
                mapping,
            }),
            tpm: None,
        }
    }

    fn tcg() -> AccelChoice {
        AccelChoice::Tcg {
            because: "a test".to_owned(),
        }
    }

    fn flash() -> FirmwareMapping {
        FirmwareMapping::Flash(FlashChips {
            code_format: FlashFormat::Raw,
            variables: "/fw/vars".into(),
            variables_format: FlashFormat::Raw,
            needs_smm: false,
        })
    }

    fn reason(found: &Found, spec: &MachineSpec) -> Option<String> {
        found.suits(spec).err().map(|error| error.to_string())
    }

    #[test]
    fn the_hosts_own_processor_is_refused_where_it_is_emulated() {
        let mut spec = MachineSpec::desktop(Arch::Aarch64);
        for (model, good) in [("host", false), ("host,pmu=off", false), ("hostess", true)] {
            spec.cpu_model = Some(model.to_owned());
            assert_eq!(
                reason(&found(tcg(), Some(flash())), &spec).is_none(),
                good,
                "{model}"
            );
            assert_eq!(
                reason(&found(AccelChoice::Kvm, Some(flash())), &spec),
                None,
                "{model}"
            );
        }
        spec.cpu_model = Some("host".to_owned());
        assert_eq!(
            reason(&found(tcg(), None), &spec).as_deref(),
            Some(
                "the machine cannot be built: the processor `host` needs KVM, but a test; without `cpu` it gets one \
                that works on every host"
            )
        );
    }

    #[test]
    fn tables_that_no_guest_would_see_are_refused() {
        let kernel = Firmware::Kernel(KernelBoot {
            kernel: "/boot/linux".into(),
            initrd: None,
            append: String::new(),
        });
        let rows = [
            (
                Arch::Riscv64,
                Some(FirmwareMapping::Kernel),
                Firmware::Uefi,
                Some("/fw/code hands on none"),
            ),
            (Arch::Riscv64, Some(flash()), Firmware::Uefi, None),
            (
                Arch::Aarch64,
                None,
                kernel.clone(),
                Some("on aarch64 there are none without UEFI firmware"),
            ),
            (Arch::X86_64, None, kernel, None),
            (Arch::X86_64, None, Firmware::Bios, None),
        ];
        for (arch, mapping, firmware, why) in rows {
            let mut spec = MachineSpec::desktop(arch);
            spec.firmware = firmware;
            let found = found(tcg(), mapping);
            assert_eq!(reason(&found, &spec), None, "{arch}: without any");
            for which in ["smbios", "credentials"] {
                let mut spec = spec.clone();
                match which {
                    "smbios" => spec.smbios.push("type=1".to_owned()),
                    _ => spec.credentials.push(Credential::new("a", "b").unwrap()),
                }
                let expected = why.map(|why| {
                    format!(
                        "the machine cannot be built: `smbios` and `credentials` reach a guest by SMBIOS tables, \
                        and {why}"
                    )
                });
                assert_eq!(reason(&found, &spec), expected, "{arch} {which}");
            }
        }
    }
}

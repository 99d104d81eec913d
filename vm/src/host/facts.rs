//! The facts of this host for machines and images.

use super::{BoardTools, InstallPlan, Missing, OsRelease, Tool, ToolState, Wanted};
use crate::{
    Accel, AccelChoice, Arch,
    qemu::firmware::{FirmwareError, FirmwareFiles, FirmwareFolders, FirmwareNeeds},
    qemu::process::{ProgramError, QemuProgram},
    spec::KvmFacts,
};

/// The facts that `qa doctor` reports of a host.
#[derive(Debug)]
pub struct HostFacts {
    /// The operating system.
    pub os: OsRelease,
    /// The facts of each architecture, in the order of [`Arch::ALL`].
    pub archs: Vec<ArchSupport>,
    /// The tools that have a use here, in the order of [`Tool::ALL`].
    pub tools: Vec<ToolState>,
    /// The programs for boards. None if no boards are wanted.
    pub boards: Option<BoardTools>,
    /// Missing programs and files, required ones first.
    pub missing: Vec<Missing>,
}

/// The facts of a host for machines of one architecture.
#[derive(Debug)]
pub struct ArchSupport {
    /// The architecture.
    pub arch: Arch,
    /// QEMU.
    pub qemu: Result<QemuProgram, ProgramError>,
    /// UEFI firmware for its default machine type.
    pub firmware: Result<FirmwareFiles, FirmwareError>,
    /// The accelerator that `auto` chooses.
    pub accel: AccelChoice,
}

impl HostFacts {
    /// Examines this host for these wishes. Runs each program for its version: some 100 ms. Blocks.
    #[must_use]
    pub fn inspect(wanted: &Wanted) -> Self {
        let kvm = KvmFacts::of_host();
        let archs = Arch::ALL.map(|arch| ArchSupport::inspect(arch, &kvm));
        let is_root = rustix::process::geteuid().is_root();
        Self::of(
            OsRelease::of_host(),
            archs.into(),
            Tool::ALL
                .into_iter()
                .filter(|tool| tool.is_of_use())
                .map(Tool::look)
                .collect(),
            wanted.boards.as_deref().map(BoardTools::inspect),
            wanted,
            is_root,
        )
    }

    /// Returns the way to install the missing things that `wanted` picks. None if nothing is missing, or no package
    /// manager is known. Asks apt what it can install: some 100 ms. Blocks.
    /// manager is known. Asks apt what it can install: some 100 ms; blocks.
    #[must_use]
    pub fn install_plan(&self, wanted: impl Fn(&Missing) -> bool) -> Option<InstallPlan> {
        InstallPlan::of(
            &self.os,
            self.missing.iter().filter(|missing| wanted(missing)),
        )
    }

    fn of(
        os: OsRelease,
        archs: Vec<ArchSupport>,
        tools: Vec<ToolState>,
        boards: Option<BoardTools>,
        wanted: &Wanted,
        is_root: bool,
    ) -> Self {
        let mut missing = Vec::new();
        for support in &archs {
            let required = wanted.archs.contains(&support.arch);
            if support.qemu.is_err() {
                let qemu = Missing::qemu(support.arch, &os);
                missing.push(qemu.required_if(required));
            }
            if support.firmware.is_err() {
                let firmware = Missing::firmware(support.arch, &os);
                missing.push(firmware.required_if(required));
            }
        }
        for ToolState { tool, .. } in tools.iter().filter(|state| state.found.is_none()) {
            let required = tool.is_required(wanted, is_root);
            if *tool == Tool::Newuidmap && !required {
                continue;
            }
            missing.push(Missing::tool(*tool, &os, required));
        }
        missing.extend(boards.as_ref().and_then(|boards| boards.missing(&os)));
        missing.sort_by_key(|missing| !missing.required);
        Self {
            os,
            archs,
            tools,
            boards,
            missing,
        }
    }
}

impl ArchSupport {
    fn inspect(arch: Arch, kvm: &KvmFacts) -> Self {
        let accel = Accel::Auto.decide(arch, kvm);
        let qemu = QemuProgram::find(arch);
        let version = qemu.as_ref().ok().map(|program| program.version);
        Self {
            arch,
            qemu,
            firmware: FirmwareFolders::of_host().find(&FirmwareNeeds::usual(arch, version)),
            accel: accel.unwrap_or_else(|error| AccelChoice::Tcg {
                because: error.because,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a host without anything, for PCs only.
    fn bare(os: &str, is_root: bool) -> HostFacts {
        bare_for(os, &Wanted::default(), is_root)
    }

    /// Returns the same host, for this as well.
    fn bare_for(os: &str, wanted: &Wanted, is_root: bool) -> HostFacts {
        let nothing = |arch| ArchSupport {
            arch,
            qemu: QemuProgram::at("/nowhere/qemu".into()),
            firmware: FirmwareFolders::default().find(&FirmwareNeeds::usual(arch, None)),
            accel: AccelChoice::Kvm,
        };
        let tools = Tool::ALL.map(|tool| ToolState { tool, found: None });
        HostFacts::of(
            OsRelease::parse(os),
            Arch::ALL.map(nothing).into(),
            tools.into(),
            None,
            wanted,
            is_root,
        )
    }

    fn packages(facts: &HostFacts, required: bool) -> String {
        let wanted = facts.missing.iter().filter(|it| it.required == required);
        let names: Vec<_> = wanted.flat_map(|it| it.packages.clone()).collect();
        names.join(" ")
    }

    #[test]
    fn a_bare_debian_lacks_what_the_usual_work_needs_first() {
        let facts = bare("ID=debian", true);
        assert_eq!(
            packages(&facts, true),
            "qemu-system-x86 ovmf qemu-utils mmdebstrap apt e2fsprogs dosfstools mtools fdisk util-linux tesseract-ocr \
            tesseract-ocr-eng squashfs-tools xorriso binutils"
        );
        assert_eq!(
            packages(&facts, false),
            "qemu-system-arm qemu-efi-aarch64 qemu-system-misc qemu-efi-riscv64 qemu-system-misc qemu-efi-loongarch64 \
            swtpm qemu-user-static qemu-user-static qemu-user-static"
        );
        assert!(facts.missing.is_sorted_by_key(|missing| !missing.required));
    }

    #[test]
    fn what_other_architectures_need_is_required_where_they_are_wanted() {
        let archs = vec![Arch::Aarch64];
        let wanted = Wanted {
            archs,
            ..Wanted::default()
        };
        let facts = bare_for("ID=debian", &wanted, true);
        let required = packages(&facts, true);
        for package in ["qemu-system-arm", "qemu-efi-aarch64", "qemu-user-static"] {
            assert!(required.contains(package), "{package}: {required}");
        }
        assert!(!required.contains("qemu-efi-riscv64"), "{required}");
    }

    #[test]
    fn a_tpm_is_required_where_one_is_wanted() {
        let required = |tpm| {
            let wanted = Wanted {
                tpm,
                ..Wanted::default()
            };
            packages(&bare_for("ID=debian", &wanted, true), true).contains(" swtpm")
        };
        assert!(required(true) && !required(false));
    }

    #[test]
    fn a_user_who_is_not_root_needs_subordinate_users_to_build() {
        let uidmap = |is_root| packages(&bare("ID=debian", is_root), true).contains(" uidmap ");
        assert!(uidmap(false) && !uidmap(true));
    }

    #[test]
    fn an_unknown_distribution_lacks_the_same_but_no_package_is_made_up() {
        let facts = bare("ID=nixos", true);
        assert_eq!(packages(&facts, true), "");
        assert_eq!(facts.missing.len(), bare("ID=debian", true).missing.len());
        assert_eq!(facts.install_plan(|_| true), None);
    }

    #[test]
    fn this_host_is_looked_at_in_the_documented_order() {
        let facts = HostFacts::inspect(&Wanted::default());
        let archs: Vec<_> = facts.archs.iter().map(|support| support.arch).collect();
        assert_eq!(archs, Arch::ALL);
        let tools: Vec<_> = facts.tools.iter().map(|state| state.tool).collect();
        let of_use = Tool::ALL.into_iter().filter(|tool| tool.is_of_use());
        assert_eq!(tools, of_use.collect::<Vec<_>>());
    }
}

//! The missing parts of a host, and the commands that install them.

use super::{OsRelease, PackageFamily, Tool, apt};
use crate::{Arch, LaunchError, qemu::firmware::FirmwareError, qemu::process::ProgramError};

/// A missing part of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Its name, such as `qemu-system-x86_64`.
    pub what: String,
    /// Its purpose: completes "needed to ...".
    pub purpose: String,
    /// The packages of this distribution that have it. Empty if the distribution, or a package of it, is not known.
    pub packages: Vec<String>,
    /// True if the usual work (x86_64 machines, reference images), or a wish, needs it.
    pub required: bool,
}

impl Missing {
    /// Returns the part to install so that a machine can be launched, if that is the whole reason of an error.
    #[must_use]
    pub fn of(error: &LaunchError, os: &OsRelease) -> Option<Self> {
        match error {
            LaunchError::Program(ProgramError::Missing { arch }) => Some(Self::qemu(*arch, os)),
            LaunchError::Firmware(
                FirmwareError::NotFound { arch, .. } | FirmwareError::FileMissing { arch, .. },
            ) => Some(Self::firmware(*arch, os)),
            LaunchError::Tool(tool) => Some(Self::tool(*tool, os, false)),
            _ => None,
        }
    }

    pub(super) fn qemu(arch: Arch, os: &OsRelease) -> Self {
        let package = PackageFamily::of(os).map(|family| family.qemu(arch));
        Self {
            what: arch.qemu_program().to_owned(),
            purpose: format!("run {arch} machines"),
            packages: package.map(str::to_owned).into_iter().collect(),
            required: is_usual(arch),
        }
    }

    pub(super) fn firmware(arch: Arch, os: &OsRelease) -> Self {
        let package = PackageFamily::of(os).and_then(|family| family.firmware(arch, os));
        Self {
            what: format!("UEFI firmware for {arch}"),
            purpose: format!("start {arch} machines the way PCs start today"),
            packages: package.map(str::to_owned).into_iter().collect(),
            required: is_usual(arch),
        }
    }

    /// Returns the same part, as required if `also` says so.
    pub(super) fn required_if(self, also: bool) -> Self {
        let required = self.required || also;
        Self { required, ..self }
    }

    pub(super) fn tool(tool: Tool, os: &OsRelease, required: bool) -> Self {
        let packages = PackageFamily::of(os).map_or_else(Vec::new, |family| tool.packages(family));
        Self {
            what: tool.program().to_owned(),
            purpose: tool.purpose().to_owned(),
            packages: packages.into_iter().map(str::to_owned).collect(),
            required,
        }
    }
}

/// The reference desktops are x86_64 on every host.
fn is_usual(arch: Arch) -> bool {
    arch == Arch::X86_64
}

/// The way to install missing parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallPlan {
    /// Commands to run in this order. The first word is the program. They need root, or `sudo` in front.
    pub commands: Vec<Vec<String>>,
}

impl InstallPlan {
    /// The command that updates the list of packages. None if the installation does so itself. A plan that is made
    /// after it knows the current archive.
    #[must_use]
    pub fn refresh(os: &OsRelease) -> Option<Vec<String>> {
        match PackageFamily::of(os)? {
            PackageFamily::Apt => Some(vec!["apt-get".to_owned(), "update".to_owned()]),
            PackageFamily::Dnf | PackageFamily::Pacman | PackageFamily::Zypper => None,
        }
    }

    /// Returns the plan for the parts of `missing` that the distribution packages. None if there are none. Asks apt
    /// what it can install: some 100 ms. Blocks.
    #[must_use]
    pub fn of<'a>(os: &OsRelease, missing: impl Iterator<Item = &'a Missing>) -> Option<Self> {
        Self::with_apt(os, missing, |packages| {
            apt::install_command(packages, &os.codename)
        })
    }

    /// Returns the commands as one line for a shell. `root` tells whether the shell is root's.
    #[must_use]
    pub fn to_shell(&self, root: bool) -> String {
        let sudo = if root { "" } else { "sudo " };
        let commands = self.commands.iter();
        let lines = commands.map(|command| format!("{sudo}{}", command.join(" ")));
        lines.collect::<Vec<_>>().join(" && ")
    }

    fn with_apt<'a>(
        os: &OsRelease,
        missing: impl Iterator<Item = &'a Missing>,
        apt: impl FnOnce(&[String]) -> Vec<String>,
    ) -> Option<Self> {
        let mut packages: Vec<String> = Vec::new();
        for package in missing.flat_map(|missing| &missing.packages) {
            if !packages.contains(package) {
                packages.push(package.clone());
            }
        }
        if packages.is_empty() {
            return None;
        }
        let install = match PackageFamily::of(os)? {
            PackageFamily::Apt => apt(&packages),
            family => family.install(&packages),
        };
        let commands = Self::refresh(os).into_iter().chain([install]).collect();
        Some(Self { commands })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(packages: &[&str]) -> Missing {
        Missing {
            what: "something".to_owned(),
            purpose: "work".to_owned(),
            packages: packages.iter().map(|&name| name.to_owned()).collect(),
            required: true,
        }
    }

    #[test]
    fn each_package_is_installed_once_by_the_distributions_own_command() {
        let os = OsRelease::parse("ID=fedora");
        let missing = [
            missing(&["qemu-img"]),
            missing(&["util-linux"]),
            missing(&["util-linux", "qemu-img"]),
        ];
        let plan = InstallPlan::of(&os, missing.iter()).unwrap();
        assert_eq!(plan.commands.len(), 1);
        assert_eq!(
            plan.commands[0].join(" "),
            "dnf install --assumeyes qemu-img util-linux"
        );
    }

    #[test]
    fn apt_renews_its_list_first() {
        let os = OsRelease::parse("ID=debian");
        let missing = [missing(&["ovmf"])];
        let plan = InstallPlan::with_apt(&os, missing.iter(), |packages| {
            PackageFamily::Apt.install(packages)
        });
        let commands = plan.unwrap().commands;
        assert_eq!(commands[0], ["apt-get", "update"]);
        assert_eq!(
            commands[1].join(" "),
            "apt-get install --yes --no-remove --no-install-recommends ovmf"
        );
        let plan = InstallPlan { commands };
        assert_eq!(
            plan.to_shell(false),
            "sudo apt-get update && sudo apt-get install --yes --no-remove --no-install-recommends ovmf"
        );
        assert!(plan.to_shell(true).starts_with("apt-get update && apt-get"));
    }

    #[test]
    fn what_a_launch_lacks_is_told_by_the_distributions_own_names() {
        let fedora = OsRelease::parse("ID=fedora");
        let program = LaunchError::from(ProgramError::Missing {
            arch: Arch::Riscv64,
        });
        let found = Missing::of(&program, &fedora).unwrap();
        assert_eq!(
            (found.what.as_str(), found.packages),
            (
                "qemu-system-riscv64",
                vec!["qemu-system-riscv-core".to_owned()]
            )
        );
        let firmware = LaunchError::from(FirmwareError::FileMissing {
            arch: Arch::Aarch64,
            descriptor: "/60.json".into(),
            file: "/code.fd".into(),
            package: "qemu-efi-aarch64",
        });
        let found = Missing::of(&firmware, &fedora).unwrap();
        assert_eq!(found.packages, ["edk2-aarch64"]);
        let tool = Missing::of(&LaunchError::Tool(Tool::Swtpm), &fedora).unwrap();
        assert_eq!(tool.packages, ["swtpm"]);
        let other = LaunchError::Spec {
            reason: "a test".to_owned(),
        };
        assert_eq!(Missing::of(&other, &fedora), None);
    }

    #[test]
    fn there_is_no_plan_without_packages_or_for_a_distribution_that_is_not_known() {
        let debian = OsRelease::parse("ID=debian");
        assert_eq!(InstallPlan::of(&debian, [].iter()), None);
        assert_eq!(InstallPlan::of(&debian, [missing(&[])].iter()), None);
        let nixos = OsRelease::parse("ID=nixos");
        assert_eq!(InstallPlan::of(&nixos, [missing(&["ovmf"])].iter()), None);
    }
}

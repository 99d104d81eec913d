//! The package managers and the names of packages.

use super::OsRelease;
use crate::Arch;

/// A package manager and its distributions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PackageFamily {
    /// Debian, Ubuntu and distributions made from them.
    Apt,
    /// Fedora and the Red Hat family.
    Dnf,
    /// Arch Linux.
    Pacman,
    /// openSUSE.
    Zypper,
}

impl PackageFamily {
    /// Returns the family of a distribution. None if it is not known.
    #[must_use]
    pub fn of(os: &OsRelease) -> Option<Self> {
        let families = [
            (Self::Apt, &["debian", "ubuntu"][..]),
            (Self::Dnf, &["fedora", "rhel", "centos"]),
            (Self::Pacman, &["arch"]),
            (Self::Zypper, &["suse", "opensuse"]),
        ];
        let is_of = |ids: &[&str]| ids.iter().any(|id| os.is_of(id));
        families
            .into_iter()
            .find(|(_, ids)| is_of(ids))
            .map(|(family, _)| family)
    }

    /// Returns the package with QEMU for an architecture.
    pub(super) fn qemu(self, arch: Arch) -> &'static str {
        match (self, arch) {
            (Self::Apt, _) => crate::qemu::process::package(arch),
            (Self::Dnf, Arch::X86_64) => "qemu-system-x86-core",
            (Self::Dnf, Arch::Aarch64) => "qemu-system-aarch64-core",
            (Self::Dnf, Arch::Riscv64) => "qemu-system-riscv-core",
            (Self::Dnf, Arch::Loongarch64) => "qemu-system-loongarch64-core",
            (Self::Pacman, Arch::X86_64) => "qemu-system-x86",
            (Self::Pacman, Arch::Aarch64) => "qemu-system-aarch64",
            (Self::Pacman, Arch::Riscv64) => "qemu-system-riscv",
            (Self::Pacman, Arch::Loongarch64) => "qemu-system-loongarch64",
            (Self::Zypper, Arch::X86_64) => "qemu-x86",
            (Self::Zypper, Arch::Aarch64) => "qemu-arm",
            (Self::Zypper, Arch::Riscv64 | Arch::Loongarch64) => "qemu-extra",
        }
    }

    /// Returns the package with UEFI firmware for machines of an architecture on `os`. None if the distribution
    /// packages none.
    pub(super) fn firmware(self, arch: Arch, os: &OsRelease) -> Option<&'static str> {
        // EDK2 for both came with Debian 13 and Ubuntu 24.04; U-Boot for the one is older.
        let old = os.is_before("debian", 13) || os.is_before("ubuntu", 24);
        match (self, arch) {
            (Self::Apt, Arch::Riscv64) if old => Some("u-boot-qemu"),
            (Self::Apt, Arch::Loongarch64) if old => None,
            (Self::Apt, _) => Some(crate::qemu::firmware::package(arch, None)),
            (Self::Dnf | Self::Pacman, Arch::X86_64) => Some("edk2-ovmf"),
            (Self::Dnf | Self::Pacman, Arch::Aarch64) => Some("edk2-aarch64"),
            (Self::Dnf, Arch::Riscv64) => Some("edk2-riscv64"),
            (Self::Dnf, Arch::Loongarch64) => Some("edk2-loongarch64"),
            (Self::Zypper, Arch::X86_64) => Some("qemu-ovmf-x86_64"),
            (Self::Zypper, Arch::Aarch64) => Some("qemu-uefi-aarch64"),
            (Self::Pacman | Self::Zypper, Arch::Riscv64 | Arch::Loongarch64) => None,
        }
    }

    /// Returns the command that installs packages without asking.
    pub(super) fn install(self, packages: &[String]) -> Vec<String> {
        let words: &[&str] = match self {
            // Installed packages must stay: apt would rather remove a tool than report that it does not fit.
            Self::Apt => &[
                "apt-get",
                "install",
                "--yes",
                "--no-remove",
                "--no-install-recommends",
            ],
            Self::Dnf => &["dnf", "install", "--assumeyes"],
            Self::Pacman => &["pacman", "--sync", "--needed", "--noconfirm"],
            Self::Zypper => &["zypper", "--non-interactive", "install"],
        };
        let words = words.iter().map(|&word| word.to_owned());
        words.chain(packages.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(text: &str) -> Option<PackageFamily> {
        PackageFamily::of(&OsRelease::parse(text))
    }

    #[test]
    fn distributions_are_known_by_name_and_by_what_they_are_made_from() {
        let rows = [
            ("ID=debian", Some(PackageFamily::Apt)),
            ("ID=ubuntu\nID_LIKE=debian", Some(PackageFamily::Apt)),
            (
                "ID=rocky\nID_LIKE=\"rhel centos fedora\"",
                Some(PackageFamily::Dnf),
            ),
            ("ID=manjaro\nID_LIKE=arch", Some(PackageFamily::Pacman)),
            (
                "ID=opensuse-tumbleweed\nID_LIKE=\"opensuse suse\"",
                Some(PackageFamily::Zypper),
            ),
            ("ID=nixos", None),
            ("", None),
        ];
        for (text, expected) in rows {
            assert_eq!(family(text), expected, "{text}");
        }
    }

    #[test]
    fn old_releases_have_u_boot_where_new_ones_have_edk2() {
        let rows = [
            ("ID=debian\nVERSION_ID=\"12\"", Some("u-boot-qemu"), None),
            (
                "ID=debian\nVERSION_ID=\"13\"",
                Some("qemu-efi-riscv64"),
                Some("qemu-efi-loongarch64"),
            ),
            // Debian testing and unstable have no number.
            (
                "ID=debian",
                Some("qemu-efi-riscv64"),
                Some("qemu-efi-loongarch64"),
            ),
            (
                "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"22.04\"",
                Some("u-boot-qemu"),
                None,
            ),
            (
                "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"",
                Some("qemu-efi-riscv64"),
                Some("qemu-efi-loongarch64"),
            ),
        ];
        for (text, riscv64, loongarch64) in rows {
            let os = OsRelease::parse(text);
            let firmware = |arch| PackageFamily::Apt.firmware(arch, &os);
            assert_eq!(firmware(Arch::Riscv64), riscv64, "{text}");
            assert_eq!(firmware(Arch::Loongarch64), loongarch64, "{text}");
        }
    }

    #[test]
    fn the_command_asks_no_questions() {
        let packages = ["ovmf".to_owned()];
        assert_eq!(
            PackageFamily::Apt.install(&packages).join(" "),
            "apt-get install --yes --no-remove --no-install-recommends ovmf"
        );
        assert_eq!(
            PackageFamily::Pacman.install(&packages).join(" "),
            "pacman --sync --needed --noconfirm ovmf"
        );
    }
}

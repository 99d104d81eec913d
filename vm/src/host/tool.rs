//! The programs that `qa` runs, apart from QEMU.

use std::path::{Path, PathBuf};

use super::{PackageFamily, Wanted};
use crate::{
    Arch,
    qemu::process::{first_line, in_path},
};

/// A program that a part of `qa` runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tool {
    /// Makes overlays.
    QemuImg,
    /// Builds the file trees of images.
    Mmdebstrap,
    /// Fetches and unpacks packages for it.
    AptGet,
    /// Packs a tree into a file system.
    Mke2fs,
    /// Makes EFI system partitions.
    MkfsVfat,
    /// Fills them.
    Mcopy,
    /// Writes partition tables.
    Sfdisk,
    /// Keeps a build apart from the host.
    Unshare,
    /// Gives a build of a user who is not root the users of an image.
    Newuidmap,
    /// Reads text on screens.
    Tesseract,
    /// Is the TPM of machines that have one.
    Swtpm,
    /// Packs the tree of a live CD, or of a system that updates itself.
    Mksquashfs,
    /// Makes CDs.
    Xorriso,
    /// Joins kernel, initrd and command line into one program for the firmware.
    Objcopy,
    /// Runs programs of another architecture while an image for it is built.
    UserEmulator(Arch),
}

/// The state of a tool on this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolState {
    /// The tool.
    pub tool: Tool,
    /// Its path, and the version that it reports (empty if none). None if it is missing.
    pub found: Option<(PathBuf, String)>,
}

impl Tool {
    /// All tools.
    pub const ALL: [Self; 17] = [
        Self::QemuImg,
        Self::Mmdebstrap,
        Self::AptGet,
        Self::Mke2fs,
        Self::MkfsVfat,
        Self::Mcopy,
        Self::Sfdisk,
        Self::Unshare,
        Self::Newuidmap,
        Self::Tesseract,
        Self::Swtpm,
        Self::Mksquashfs,
        Self::Xorriso,
        Self::Objcopy,
        Self::UserEmulator(Arch::X86_64),
        Self::UserEmulator(Arch::Aarch64),
        Self::UserEmulator(Arch::Riscv64),
    ];

    /// Returns the name of the program.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::QemuImg => "qemu-img",
            Self::Mmdebstrap => "mmdebstrap",
            Self::AptGet => "apt-get",
            Self::Mke2fs => "mke2fs",
            Self::MkfsVfat => "mkfs.vfat",
            Self::Mcopy => "mcopy",
            Self::Sfdisk => "sfdisk",
            Self::Unshare => "unshare",
            Self::Newuidmap => "newuidmap",
            Self::Tesseract => "tesseract",
            Self::Swtpm => "swtpm",
            Self::Mksquashfs => "mksquashfs",
            Self::Xorriso => "xorriso",
            Self::Objcopy => "objcopy",
            Self::UserEmulator(arch) => match arch {
                Arch::X86_64 => "qemu-x86_64-static",
                Arch::Aarch64 => "qemu-aarch64-static",
                Arch::Riscv64 => "qemu-riscv64-static",
                Arch::Loongarch64 => "qemu-loongarch64-static",
            },
        }
    }

    /// Returns its purpose: completes "needed to ...".
    #[must_use]
    pub fn purpose(self) -> &'static str {
        match self {
            Self::QemuImg => "keep images unchanged while machines run from them",
            Self::Mmdebstrap
            | Self::AptGet
            | Self::Mke2fs
            | Self::MkfsVfat
            | Self::Mcopy
            | Self::Sfdisk
            | Self::Unshare => "build reference images",
            Self::Newuidmap => "build reference images without being root",
            Self::Tesseract => "read text on screens",
            Self::Swtpm => "give machines a TPM",
            Self::Mksquashfs => "build live CDs and systems that update themselves",
            Self::Xorriso => "build live CDs",
            Self::Objcopy => "build systems that update themselves",
            Self::UserEmulator(arch) => match arch {
                Arch::X86_64 => "build images for x86_64",
                Arch::Aarch64 => "build images for aarch64",
                Arch::Riscv64 => "build images for riscv64",
                Arch::Loongarch64 => "build images for loongarch64",
            },
        }
    }

    /// Returns true if it has a use on this host, which runs programs of its own architecture by itself.
    pub(super) fn is_of_use(self) -> bool {
        match self {
            Self::UserEmulator(arch) => Arch::of_host() != Some(arch),
            _ => true,
        }
    }

    /// Returns true if this user's work with such machines and reference images needs it.
    pub(super) fn is_required(self, wanted: &Wanted, is_root: bool) -> bool {
        match self {
            Self::QemuImg
            | Self::Mmdebstrap
            | Self::AptGet
            | Self::Mke2fs
            | Self::MkfsVfat
            | Self::Mcopy
            | Self::Sfdisk
            | Self::Unshare
            | Self::Mksquashfs
            | Self::Xorriso
            | Self::Objcopy
            // Without it, a needle that asks for text is judged by its picture alone.
            | Self::Tesseract => true,
            Self::Newuidmap => !is_root,
            Self::Swtpm => wanted.tpm,
            Self::UserEmulator(arch) => wanted.archs.contains(&arch),
        }
    }

    /// Returns the packages with it and with its own needs. None if the distribution packages none.
    pub(super) fn packages(self, family: PackageFamily) -> Vec<&'static str> {
        use PackageFamily::{Apt, Dnf, Pacman, Zypper};
        let english = match family {
            Apt => "tesseract-ocr-eng",
            Dnf => "tesseract-langpack-eng",
            Pacman => "tesseract-data-eng",
            Zypper => "tesseract-ocr-traineddata-english",
        };
        let besides = (self == Self::Tesseract).then_some(english);
        self.package(family).into_iter().chain(besides).collect()
    }

    /// Returns the package that has it. None if the distribution packages none.
    fn package(self, family: PackageFamily) -> Option<&'static str> {
        use PackageFamily::{Apt, Dnf, Pacman, Zypper};
        Some(match (self, family) {
            (Self::QemuImg, Apt) => "qemu-utils",
            (Self::QemuImg, Dnf | Pacman | Zypper) => "qemu-img",
            (Self::Mmdebstrap, Apt | Dnf) => "mmdebstrap",
            (Self::AptGet, Apt | Dnf) => "apt",
            (Self::Mmdebstrap | Self::AptGet, Pacman | Zypper) => return None,
            (Self::Mke2fs, _) => "e2fsprogs",
            (Self::MkfsVfat, _) => "dosfstools",
            (Self::Mcopy, _) => "mtools",
            (Self::Sfdisk, Apt) => "fdisk",
            (Self::Sfdisk, Dnf | Pacman | Zypper) => "util-linux",
            (Self::Unshare, _) => "util-linux",
            (Self::Newuidmap, Apt) => "uidmap",
            (Self::Newuidmap, Dnf) => "shadow-utils",
            (Self::Newuidmap, Pacman | Zypper) => "shadow",
            (Self::Tesseract, Apt) => "tesseract-ocr",
            (Self::Tesseract, Dnf | Pacman) => "tesseract",
            (Self::Tesseract, Zypper) => "tesseract-ocr",
            (Self::Swtpm, _) => "swtpm",
            (Self::Mksquashfs, Apt | Dnf | Pacman) => "squashfs-tools",
            (Self::Mksquashfs, Zypper) => "squashfs",
            (Self::Xorriso, Pacman) => "libisoburn",
            (Self::Xorriso, Apt | Dnf | Zypper) => "xorriso",
            (Self::Objcopy, _) => "binutils",
            (Self::UserEmulator(_), Apt | Dnf | Pacman) => "qemu-user-static",
            (Self::UserEmulator(_), Zypper) => "qemu-linux-user",
        })
    }

    /// Looks for it in PATH, and in the folders of system programs, which are not in the PATH of every user.
    pub(super) fn look(self) -> ToolState {
        let program = self.program();
        let elsewhere = ["/usr/sbin", "/sbin", "/usr/local/sbin"];
        // Some distributions package it without the ending that marks a static program.
        let plain = program.strip_suffix("-static").unwrap_or(program);
        let path = in_path(program).or_else(|| in_path(plain)).or_else(|| {
            elsewhere
                .iter()
                .map(|folder| Path::new(folder).join(program))
                .find(|path| path.is_file())
        });
        let found = path.map(|path| {
            let version = self.version(&path);
            (path, version)
        });
        ToolState { tool: self, found }
    }

    fn version(self, path: &Path) -> String {
        let argument = match self {
            // It has no option for its version, and would read from standard input.
            Self::Newuidmap => return String::new(),
            Self::Mke2fs => "-V",
            Self::Mksquashfs => "-version",
            Self::QemuImg
            | Self::Mmdebstrap
            | Self::AptGet
            | Self::MkfsVfat
            | Self::Mcopy
            | Self::Sfdisk
            | Self::Unshare
            | Self::Tesseract
            | Self::Swtpm
            | Self::Xorriso
            | Self::Objcopy
            | Self::UserEmulator(_) => "--version",
        };
        version_in(&first_line(path, argument).unwrap_or_default()).to_owned()
    }
}

/// Returns the first word of `said` that looks like a version. Empty if none does.
fn version_in(said: &str) -> &str {
    said.split([' ', '(', ')', ',', '\t'])
        .map(|word| word.trim_start_matches('v'))
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()) && word.contains('.'))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_each_program_prints() {
        let rows = [
            (
                "qemu-img version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)",
                "7.2.22",
            ),
            ("mmdebstrap 1.3.5", "1.3.5"),
            ("apt 2.6.1 (amd64)", "2.6.1"),
            ("mke2fs 1.47.0 (5-Feb-2023)", "1.47.0"),
            ("mkfs.fat 4.2 (2021-01-31)", "4.2"),
            ("mcopy (GNU mtools) 4.0.33", "4.0.33"),
            ("sfdisk from util-linux 2.38.1", "2.38.1"),
            ("tesseract v5.3.0", "5.3.0"),
            (
                "TPM emulator version 0.7.1, Copyright (c) 2014-2021 IBM Corp.",
                "0.7.1",
            ),
            ("usage: something", ""),
        ];
        for (said, expected) in rows {
            assert_eq!(version_in(said), expected, "{said}");
        }
    }

    #[test]
    fn every_tool_is_listed_once_and_apt_has_all_of_them() {
        let mut seen = Tool::ALL.to_vec();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), Tool::ALL.len());
        for tool in Tool::ALL {
            assert!(tool.package(PackageFamily::Apt).is_some(), "{tool:?}");
        }
    }

    #[test]
    fn the_build_program_names_no_tool_that_is_unknown_here() {
        let programs = [
            include_str!("../../images/build"),
            include_str!("../../images/layouts/disk"),
            include_str!("../../images/layouts/netboot"),
            include_str!("../../images/layouts/live-cd"),
        ];
        for program in programs {
            let mut lines = program
                .lines()
                .filter_map(|line| line.strip_prefix("needs "))
                .peekable();
            assert!(lines.peek().is_some(), "{program}");
            for name in lines.flat_map(str::split_whitespace) {
                let tool = Tool::ALL.iter().find(|tool| tool.program() == name);
                assert!(
                    tool.is_some_and(|tool| tool.is_required(&Wanted::default(), true)),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn only_a_user_who_is_not_root_needs_the_means_to_be_several() {
        assert!(Tool::Newuidmap.is_required(&Wanted::default(), false));
        assert!(!Tool::Newuidmap.is_required(&Wanted::default(), true));
    }

    #[test]
    fn building_for_another_architecture_needs_its_programs_to_run() {
        let tool = Tool::UserEmulator(Arch::Riscv64);
        let is_required = |archs: &[Arch]| {
            let wanted = Wanted {
                archs: archs.to_vec(),
                ..Wanted::default()
            };
            tool.is_required(&wanted, true)
        };
        assert!(is_required(&[Arch::Aarch64, Arch::Riscv64]));
        assert!(!is_required(&[Arch::Aarch64]));
        let of_use = |arch| Tool::UserEmulator(arch).is_of_use();
        for arch in Arch::ALL {
            assert_eq!(of_use(arch), Arch::of_host() != Some(arch), "{arch}");
        }
    }
}

//! Searches the firmware of a machine.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use super::{
    Descriptor, FirmwareError, FirmwareFiles, FirmwareMapping, FirmwareNeeds, TooNew, built_in,
};
use crate::{Arch, qemu::process::QemuVersion};

/// The folders of firmware descriptors.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FirmwareFolders {
    /// The folders, the one of highest precedence first.
    folders: Vec<PathBuf>,
    /// Descriptors of a lower precedence than all folders, by file name.
    built_in: Vec<(&'static str, String)>,
}

impl FirmwareFolders {
    /// Returns the folders of this host: the user's, the administrator's, the packages'.
    #[must_use]
    pub fn of_host() -> Self {
        let user = std::env::var_os("XDG_CONFIG_HOME")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
            .or_else(|| std::env::home_dir().map(|home| home.join(".config")));
        let mut folders: Vec<_> = user
            .into_iter()
            .map(|config| config.join("qemu/firmware"))
            .collect();
        folders.extend([
            "/etc/qemu/firmware".into(),
            "/usr/share/qemu/firmware".into(),
        ]);
        Self {
            folders,
            built_in: built_in::descriptors(),
        }
    }

    /// Returns these folders only, the one of highest precedence first.
    #[must_use]
    pub fn only(folders: Vec<PathBuf>) -> Self {
        Self {
            folders,
            built_in: Vec::new(),
        }
    }

    /// Finds UEFI firmware for a machine. Of several that fit and whose files exist, the first by file name wins, as
    /// the specification says.
    ///
    /// # Errors
    /// See [`FirmwareError`].
    pub fn find(&self, needs: &FirmwareNeeds) -> Result<FirmwareFiles, FirmwareError> {
        let package = package(needs.arch, needs.qemu);
        let mut too_new = None;
        let mut incomplete = None;
        for (descriptor, text) in self.descriptors() {
            // An empty file masks those of its name in folders of lower precedence. A broken one fits no machine.
            let Ok(parsed) = Descriptor::parse(&text) else {
                continue;
            };
            let Some((code, mapping)) = parsed.fits(needs) else {
                continue;
            };
            let flash = matches!(mapping, FirmwareMapping::Flash(_));
            if let (true, Some(qemu), Some(since)) = (flash, needs.qemu, needs.flash_needs()) {
                too_new = Some(TooNew {
                    descriptor,
                    qemu,
                    since,
                });
                continue;
            }
            let files = FirmwareFiles {
                descriptor,
                code: code.clone(),
                mapping: mapping.clone(),
            };
            let missing = files.all().find(|file| !file.is_file()).map(Path::to_owned);
            match missing {
                None => return Ok(files),
                // Debian 12's `qemu-efi-aarch64` has such a descriptor beside a good one.
                Some(file) => incomplete = incomplete.or(Some((files.descriptor, file))),
            }
        }
        if let Some((descriptor, file)) = incomplete {
            return Err(FirmwareError::FileMissing {
                arch: needs.arch,
                descriptor,
                file,
                package,
            });
        }
        Err(FirmwareError::NotFound {
            arch: needs.arch,
            machine_type: needs.plain_type().to_owned(),
            secure_boot: needs.secure_boot,
            folders: self.folders.clone(),
            too_new,
            package,
        })
    }

    /// Returns path and text of the descriptors, in the order of their file names. Of a name in several folders,
    /// returns that of the highest precedence.
    fn descriptors(&self) -> impl Iterator<Item = (PathBuf, String)> {
        let mut found: BTreeMap<OsString, (PathBuf, Option<String>)> = BTreeMap::new();
        // A folder that does not exist has none.
        for entry in self
            .folders
            .iter()
            .filter_map(|folder| fs::read_dir(folder).ok())
            .flatten()
            .flatten()
        {
            let path = entry.path();
            if path.extension() == Some("json".as_ref()) {
                found.entry(entry.file_name()).or_insert((path, None));
            }
        }
        for (name, text) in &self.built_in {
            found
                .entry(name.into())
                .or_insert_with(|| (name.into(), Some(text.clone())));
        }
        found.into_values().filter_map(|(path, text)| {
            let text = text.or_else(|| fs::read_to_string(&path).ok())?;
            Some((path, text))
        })
    }
}

/// Returns the Debian package with UEFI firmware for an architecture, and for a QEMU if its version matters.
pub(crate) fn package(arch: Arch, qemu: Option<QemuVersion>) -> &'static str {
    match arch {
        Arch::X86_64 => "ovmf",
        Arch::Aarch64 => "qemu-efi-aarch64",
        Arch::Riscv64 if FirmwareNeeds::usual(arch, qemu).flash_needs().is_some() => "u-boot-qemu",
        Arch::Riscv64 => "qemu-efi-riscv64",
        Arch::Loongarch64 => "qemu-efi-loongarch64",
    }
}

#[cfg(test)]
mod tests;

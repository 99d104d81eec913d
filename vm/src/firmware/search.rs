use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use super::Descriptor;
use crate::Arch;

/// Where firmware descriptors are looked for, the folder of highest precedence first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirmwareFolders(pub Vec<PathBuf>);

/// The firmware files for a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirmwareFiles {
    /// The descriptor that named them.
    pub descriptor: PathBuf,
    /// The code, given to the machine read-only.
    pub code: PathBuf,
    /// How the code is stored.
    pub code_format: FlashFormat,
    /// Content of a fresh variable store; copied for every run.
    pub variables: PathBuf,
    /// How the variables are stored.
    pub variables_format: FlashFormat,
}

/// How the content of a flash chip is stored in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FlashFormat {
    /// Byte for byte.
    Raw,
    /// QEMU's qcow2.
    Qcow2,
}

/// Why there is no firmware for a machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FirmwareError {
    /// No descriptor fits.
    #[error(
        "no UEFI firmware without Secure Boot for {arch} machines of type `{machine_type}`; looked in {}; install the package `{package}`",
        listed(folders)
    )]
    NotFound {
        /// The machine's architecture.
        arch: Arch,
        /// The machine's type.
        machine_type: String,
        /// Folders that were searched.
        folders: Vec<PathBuf>,
        /// Debian package that has one.
        package: &'static str,
    },
    /// A descriptor fits, but a file it names is not there.
    #[error("the firmware descriptor {} names {}, which is not there; reinstall the package `{package}`", descriptor.display(), file.display())]
    FileMissing {
        /// The descriptor.
        descriptor: PathBuf,
        /// The file.
        file: PathBuf,
        /// Debian package that has it.
        package: &'static str,
    },
}

fn listed(folders: &[PathBuf]) -> String {
    let names: Vec<_> = folders
        .iter()
        .map(|folder| folder.display().to_string())
        .collect();
    names.join(", ")
}

impl FlashFormat {
    /// QEMU's name of it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Qcow2 => "qcow2",
        }
    }
}

impl FirmwareFolders {
    /// The folders of this host: the user's, the administrator's, the packages'.
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
        Self(folders)
    }

    /// Finds UEFI firmware without Secure Boot for `machine_type` of `arch`. Of several that fit, the first by file name wins, as
    /// the specification says.
    ///
    /// # Errors
    /// See [`FirmwareError`].
    pub fn find(&self, arch: Arch, machine_type: &str) -> Result<FirmwareFiles, FirmwareError> {
        let package = package(arch);
        for path in self.descriptors().into_values() {
            // An empty file masks those of its name in folders of lower precedence; one that is broken fits nothing.
            let Some(descriptor) = fs::read_to_string(&path)
                .ok()
                .and_then(|text| Descriptor::parse(&text).ok())
            else {
                continue;
            };
            let Some(flash) = descriptor.fits(arch, machine_type) else {
                continue;
            };
            for file in [&flash.code.0, &flash.variables.0] {
                if !file.is_file() {
                    return Err(FirmwareError::FileMissing {
                        descriptor: path,
                        file: file.clone(),
                        package,
                    });
                }
            }
            return Ok(FirmwareFiles {
                descriptor: path,
                code: flash.code.0.clone(),
                code_format: flash.code.1,
                variables: flash.variables.0.clone(),
                variables_format: flash.variables.1,
            });
        }
        Err(FirmwareError::NotFound {
            arch,
            machine_type: machine_type.to_owned(),
            folders: self.0.clone(),
            package,
        })
    }

    /// The descriptors by file name; a name in several folders is that of the folder of highest precedence.
    fn descriptors(&self) -> BTreeMap<OsString, PathBuf> {
        let mut found = BTreeMap::new();
        // A folder that is not there has none.
        for entry in self
            .0
            .iter()
            .filter_map(|folder| fs::read_dir(folder).ok())
            .flatten()
            .flatten()
        {
            let path = entry.path();
            if path.extension() == Some("json".as_ref()) {
                found.entry(entry.file_name()).or_insert(path);
            }
        }
        found
    }
}

/// The Debian package with UEFI firmware for an architecture.
pub(crate) fn package(arch: Arch) -> &'static str {
    match arch {
        Arch::X86_64 => "ovmf",
        Arch::Aarch64 => "qemu-efi-aarch64",
        Arch::Riscv64 => "qemu-efi-riscv64",
    }
}

/// The name of a run's own copy of the variables, without its extension.
pub(crate) const VARIABLES_COPY: &str = "firmware-variables";

impl FirmwareFiles {
    /// File name of the run's own copy of the variables.
    pub(crate) fn variables_copy(&self, folder: &Path) -> PathBuf {
        folder
            .join(VARIABLES_COPY)
            .with_extension(self.variables_format.name())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Folders {
        root: tempfile::TempDir,
    }

    impl Folders {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            for name in ["user", "etc", "usr"] {
                fs::create_dir(root.path().join(name)).unwrap();
            }
            for name in ["code.fd", "vars.fd"] {
                fs::write(root.path().join(name), name).unwrap();
            }
            Self { root }
        }

        fn descriptor(&self, path: &str, features: &[&str], code: &str) {
            let file = json!({
                "description": "a firmware",
                "interface-types": ["uefi"],
                "mapping": {
                    "device": "flash",
                    "executable": {"filename": self.root.path().join(code), "format": "raw"},
                    "nvram-template": {"filename": self.root.path().join("vars.fd"), "format": "raw"},
                },
                "targets": [{"architecture": "x86_64", "machines": ["pc-q35-*"]}],
                "features": features,
                "tags": [],
            });
            fs::write(self.root.path().join(path), file.to_string()).unwrap();
        }

        fn folders(&self) -> FirmwareFolders {
            FirmwareFolders(
                ["user", "etc", "usr"]
                    .map(|name| self.root.path().join(name))
                    .to_vec(),
            )
        }

        fn found(&self) -> String {
            let files = self.folders().find(Arch::X86_64, "q35").unwrap();
            files
                .descriptor
                .strip_prefix(self.root.path())
                .unwrap()
                .display()
                .to_string()
        }
    }

    #[test]
    fn the_first_by_name_without_enrolled_keys_and_smm_wins_in_whichever_folder() {
        let folders = Folders::new();
        folders.descriptor(
            "usr/40-enrolled.json",
            &["secure-boot", "enrolled-keys"],
            "code.fd",
        );
        folders.descriptor(
            "usr/50-smm.json",
            &["secure-boot", "requires-smm"],
            "code.fd",
        );
        folders.descriptor(
            "usr/60-plain.json",
            &["acpi-s3", "verbose-dynamic"],
            "code.fd",
        );
        assert_eq!(folders.found(), "usr/60-plain.json");
        folders.descriptor("etc/70-late.json", &[], "code.fd");
        assert_eq!(folders.found(), "usr/60-plain.json");
        folders.descriptor("etc/55-early.json", &[], "code.fd");
        assert_eq!(folders.found(), "etc/55-early.json");
    }

    #[test]
    fn a_name_in_a_folder_of_higher_precedence_replaces_or_masks() {
        let folders = Folders::new();
        folders.descriptor("usr/50-a.json", &[], "code.fd");
        folders.descriptor("user/50-a.json", &[], "code.fd");
        folders.descriptor("usr/60-b.json", &[], "code.fd");
        assert_eq!(folders.found(), "user/50-a.json");
        fs::write(folders.root.path().join("user/50-a.json"), "").unwrap();
        assert_eq!(folders.found(), "usr/60-b.json");
    }

    #[test]
    fn none_is_an_error_with_the_folders_and_the_package() {
        let folders = FirmwareFolders(vec!["/nowhere/user".into(), "/nowhere/usr".into()]);
        let error = folders.find(Arch::X86_64, "q35").unwrap_err();
        assert_eq!(
            error.to_string(),
            "no UEFI firmware without Secure Boot for x86_64 machines of type `q35`; looked in /nowhere/user, /nowhere/usr; \
             install the package `ovmf`"
        );
        let folders = Folders::new();
        folders.descriptor("usr/60-plain.json", &[], "code.fd");
        assert!(matches!(
            folders.folders().find(Arch::Aarch64, "virt"),
            Err(FirmwareError::NotFound {
                package: "qemu-efi-aarch64",
                ..
            })
        ));
    }

    #[test]
    fn a_descriptor_of_a_missing_file_is_an_error_that_names_both() {
        let folders = Folders::new();
        folders.descriptor("usr/60-plain.json", &[], "gone.fd");
        let error = folders
            .folders()
            .find(Arch::X86_64, "q35")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("60-plain.json names ") && error.contains("gone.fd, which is not there"),
            "{error}"
        );
    }

    #[test]
    fn firmware_in_memory_or_without_variables_is_passed_over() {
        let folders = Folders::new();
        for (name, mapping) in [
            ("10-memory", json!({"device": "memory", "filename": "/x"})),
            (
                "20-stateless",
                json!({"device": "flash", "mode": "stateless", "executable": {"filename": "/x", "format": "raw"}}),
            ),
        ] {
            let file = json!({
                "interface-types": ["uefi"], "mapping": mapping,
                "targets": [{"architecture": "x86_64", "machines": ["pc-q35-*"]}],
            });
            fs::write(
                folders.root.path().join(format!("usr/{name}.json")),
                file.to_string(),
            )
            .unwrap();
        }
        folders.descriptor("usr/60-plain.json", &[], "code.fd");
        assert_eq!(folders.found(), "usr/60-plain.json");
    }
}

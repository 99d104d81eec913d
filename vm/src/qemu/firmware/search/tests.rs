//! Descriptors of Debian and Fedora, and which of them a machine gets.

use serde_json::{Value, json};

use super::*;
use crate::qemu::firmware::FlashFormat;

const PC: FirmwareNeeds<'static> = FirmwareNeeds {
    arch: Arch::X86_64,
    machine_type: "q35",
    qemu: Some(QemuVersion::new(7, 2, 22)),
    secure_boot: false,
};

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
        self.write(path, &file);
    }

    fn write(&self, path: &str, descriptor: &Value) {
        fs::write(self.root.path().join(path), descriptor.to_string()).unwrap();
    }

    /// Returns a descriptor for machines of type `virt`, of firmware in flash chips or loaded as a kernel.
    fn virt(&self, path: &str, arch: Arch, device: &str) {
        let code = self.root.path().join("code.fd");
        let mut file = json!({
            "interface-types": ["uefi"],
            "mapping": {"device": device, "filename": code},
            "targets": [{"architecture": arch.name(), "machines": ["virt*"]}],
        });
        if device == "flash" {
            file["mapping"] = json!({
                "device": device,
                "executable": {"filename": code, "format": "raw"},
                "nvram-template": {"filename": self.root.path().join("vars.fd"), "format": "qcow2"},
            });
        }
        self.write(path, &file);
    }

    fn folders(&self) -> FirmwareFolders {
        FirmwareFolders::only(
            ["user", "etc", "usr"]
                .map(|name| self.root.path().join(name))
                .to_vec(),
        )
    }

    fn found(&self) -> String {
        self.found_for(&PC)
    }

    fn found_for(&self, needs: &FirmwareNeeds) -> String {
        let files = self.folders().find(needs).unwrap();
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
    let folders = FirmwareFolders::only(vec!["/nowhere/user".into(), "/nowhere/usr".into()]);
    let error = folders.find(&PC).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no UEFI firmware without Secure Boot for x86_64 machines of type `q35`; looked in /nowhere/user, \
        /nowhere/usr; install the package `ovmf`"
    );
    let folders = Folders::new();
    folders.descriptor("usr/60-plain.json", &[], "code.fd");
    assert!(matches!(
        folders
            .folders()
            .find(&FirmwareNeeds::usual(Arch::Aarch64, None)),
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
    let error = folders.folders().find(&PC).unwrap_err().to_string();
    assert!(
        error.contains("60-plain.json names ") && error.contains("gone.fd, which is not there"),
        "{error}"
    );
}

#[test]
fn a_descriptor_of_a_missing_file_hides_no_other() {
    let folders = Folders::new();
    folders.descriptor("usr/50-secure.json", &["secure-boot"], "gone.fd");
    folders.descriptor("usr/60-plain.json", &[], "code.fd");
    assert_eq!(folders.found(), "usr/60-plain.json");
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

#[test]
fn secure_boot_takes_enrolled_keys_and_says_whether_it_needs_smm() {
    let folders = Folders::new();
    let secure = FirmwareNeeds {
        secure_boot: true,
        machine_type: "pc-q35-7.2,hpet=off",
        ..PC
    };
    folders.descriptor("usr/50-no-keys.json", &["secure-boot"], "code.fd");
    folders.descriptor("usr/60-plain.json", &[], "code.fd");
    let error = folders.folders().find(&secure).unwrap_err().to_string();
    assert!(
        error.starts_with(
            "no UEFI firmware with Secure Boot for x86_64 machines of type `pc-q35-7.2`; "
        ),
        "{error}"
    );
    let features = ["secure-boot", "enrolled-keys", "requires-smm"];
    folders.descriptor("usr/70-enrolled.json", &features, "code.fd");
    let files = folders.folders().find(&secure).unwrap();
    assert!(files.descriptor.ends_with("usr/70-enrolled.json"));
    assert!(files.flash().unwrap().needs_smm);
    folders.descriptor("usr/40-enrolled.json", &features[..2], "code.fd");
    let files = folders.folders().find(&secure).unwrap();
    assert!(!files.flash().unwrap().needs_smm);
    assert_eq!(
        folders.found(),
        "usr/50-no-keys.json",
        "it enforces nothing without keys"
    );
}

#[test]
fn riscv64_takes_flash_from_qemu_8_1_on_and_u_boot_before_and_where_there_is_nothing_else() {
    let of =
        |major, minor| FirmwareNeeds::usual(Arch::Riscv64, Some(QemuVersion::new(major, minor, 0)));
    let folders = Folders::new();
    folders.virt("usr/60-edk2.json", Arch::Riscv64, "flash");
    let error = folders
        .folders()
        .find(&of(7, 2))
        .unwrap_err()
        .to_string()
        .replace(&folders.root.path().display().to_string(), "");
    assert_eq!(
        error,
        "no UEFI firmware without Secure Boot for riscv64 machines of type `virt`; looked in /user, /etc, /usr, where \
         /usr/60-edk2.json is firmware that QEMU 8.1.0 starts and 7.2.0 does not; install the package `u-boot-qemu`"
    );
    folders.virt("usr/90-u-boot.json", Arch::Riscv64, "kernel");
    for (needs, expected) in [
        (of(7, 2), "usr/90-u-boot.json"),
        (of(8, 0), "usr/90-u-boot.json"),
        (of(8, 1), "usr/60-edk2.json"),
        (of(10, 0), "usr/60-edk2.json"),
        (
            FirmwareNeeds::usual(Arch::Riscv64, None),
            "usr/60-edk2.json",
        ),
    ] {
        assert_eq!(folders.found_for(&needs), expected, "{needs:?}");
    }
    fs::remove_file(folders.root.path().join("usr/60-edk2.json")).unwrap();
    let files = folders.folders().find(&of(10, 0)).unwrap();
    assert_eq!(
        (files.mapping, files.code),
        (FirmwareMapping::Kernel, folders.root.path().join("code.fd"))
    );
}

#[test]
fn variables_keep_the_format_that_the_descriptor_names() {
    let folders = Folders::new();
    folders.virt("usr/60-edk2.json", Arch::Loongarch64, "flash");
    let needs = FirmwareNeeds::usual(Arch::Loongarch64, None);
    let files = folders.folders().find(&needs).unwrap();
    let chips = files.flash().unwrap();
    assert_eq!(
        (chips.code_format, chips.variables_format),
        (FlashFormat::Raw, FlashFormat::Qcow2)
    );
}

#[test]
fn a_built_in_descriptor_is_below_all_folders() {
    let folders = Folders::new();
    folders.virt("code.json", Arch::Riscv64, "kernel");
    let text = fs::read_to_string(folders.root.path().join("code.json")).unwrap();
    let all = FirmwareFolders {
        built_in: vec![("90-built-in.json", text)],
        ..folders.folders()
    };
    let needs = FirmwareNeeds::usual(Arch::Riscv64, None);
    let descriptor = |all: &FirmwareFolders| all.find(&needs).unwrap().descriptor;
    assert_eq!(descriptor(&all), Path::new("90-built-in.json"));
    folders.virt("usr/90-built-in.json", Arch::Riscv64, "kernel");
    assert!(descriptor(&all).ends_with("usr/90-built-in.json"));
    fs::write(folders.root.path().join("user/90-built-in.json"), "").unwrap();
    assert!(all.find(&needs).is_err());
}

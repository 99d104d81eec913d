//! Firmware descriptors for packages that have none.

use std::path::Path;

use serde_json::json;

/// The descriptors of firmware whose packages have none, by file name. They have the lowest precedence: a file of the
/// same name in any folder replaces them, and an empty file masks them.
///
/// Their names sort behind those of EDK2's own descriptors, since EDK2 also shows itself on the screen.
const U_BOOT: &str = "90-u-boot-riscv64.json";

/// The path of U-Boot for the supervisor mode of QEMU's `virt`, from the package `u-boot-qemu` of Debian and Ubuntu.
const U_BOOT_FILES: [&str; 1] = ["/usr/lib/u-boot/qemu-riscv64_smode/uboot.elf"];

/// Returns the built-in descriptors whose firmware exists, as file name and text.
pub(super) fn descriptors() -> Vec<(&'static str, String)> {
    let there = U_BOOT_FILES.iter().find(|file| Path::new(file).is_file());
    there
        .map(|file| (U_BOOT, u_boot(file)))
        .into_iter()
        .collect()
}

fn u_boot(file: &str) -> String {
    json!({
        "description": "U-Boot with the interfaces of UEFI",
        "interface-types": ["uefi"],
        "mapping": {"device": "kernel", "filename": file},
        "targets": [{"architecture": "riscv64", "machines": ["virt*"]}],
        "features": [],
        "tags": [],
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Arch,
        qemu::firmware::{Descriptor, FirmwareMapping, FirmwareNeeds},
    };

    #[test]
    fn u_boot_is_for_riscv64_alone_and_loaded_as_a_kernel() {
        let descriptor = Descriptor::parse(&u_boot("/u-boot")).unwrap();
        for arch in Arch::ALL {
            let found = descriptor.fits(&FirmwareNeeds::usual(arch, None));
            let expected = ("/u-boot".into(), FirmwareMapping::Kernel);
            assert_eq!(
                found,
                (arch == Arch::Riscv64).then_some(&expected),
                "{arch}"
            );
        }
        let secure = FirmwareNeeds {
            secure_boot: true,
            ..FirmwareNeeds::usual(Arch::Riscv64, None)
        };
        assert_eq!(descriptor.fits(&secure), None);
    }
}

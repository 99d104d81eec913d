//! The same scenario through the firmware and the boot loader of each architecture, and Debian's installer.

use reports::Verdict;

use crate::host::{Project, require, require_image};

#[test]
fn a_user_logs_in_on_each_architecture() {
    for program in ["qemu-system-aarch64", "qemu-system-riscv64"] {
        require(program);
    }
    let images = ["console", "console-aarch64", "console-riscv64"];
    for image in images {
        require_image(image);
    }
    let outcome = Project::shipped()
        .run(&["--matrix", "architectures", "--cold"])
        .exits_with(0);
    let machines = ["small", "small-aarch64", "small-riscv64"];
    let junit = outcome.file("junit.xml");
    for (image, machine) in images.into_iter().zip(machines) {
        let name = format!("console-login@{image}+{machine}");
        assert_eq!(outcome.verdict(&name).0, Verdict::Passed, "{name}");
        assert!(junit.contains(&name), "{name}: {junit}");
    }
}

#[test]
fn the_installer_asks_for_a_language() {
    require_image("debian-installer");
    let outcome = Project::shipped()
        .run(&["installer-start", "--cold"])
        .exits_with(0);
    assert_eq!(outcome.verdict("installer-start").0, Verdict::Passed);
}

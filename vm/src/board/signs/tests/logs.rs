//! Logs of boards and of virtual machines (`../logs/README.md`).

use super::*;

fn log(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/board/signs/logs");
    std::fs::read(folder.join(name)).unwrap()
}

/// The restarts in each log, by the begin of what is told.
const LOGS: [(&str, &[&str]); 13] = [
    ("recorded-aarch64-u-boot.log", &["U-Boot: U-Boot 2023.01"]),
    (
        "recorded-riscv64-opensbi-u-boot.log",
        &["OpenSBI: OpenSBI v1.1"],
    ),
    (
        "recorded-aarch64-edk2-installer.log",
        &[
            "UEFI: UEFI firmware (version",
            "UEFI: UEFI firmware (version",
        ],
    ),
    (
        "recorded-riscv64-u-boot-installer.log",
        &["OpenSBI: OpenSBI v1.1", "OpenSBI: OpenSBI v1.1"],
    ),
    ("recorded-aarch64-edk2-debian.log", &[]),
    ("recorded-riscv64-u-boot-debian.log", &[]),
    (
        "recorded-aarch64-kernel-alone.log",
        &[
            "Printed: kernel: [    0.000000] Booting Linux",
            "kernel: [    0.000000] Booting Linux",
        ],
    ),
    (
        "recorded-riscv64-opensbi-kernel.log",
        &[
            "Printed: kernel: [    0.000000] Linux version",
            "OpenSBI: OpenSBI v1.1",
            "OpenSBI: OpenSBI v1.1",
        ],
    ),
    ("written-rock-3b.log", &["first stage: #!/"]),
    (
        "written-nanopc-t3-plus.log",
        &["first stage: Second Boot by Nexell"],
    ),
    ("written-lichee-rv.log", &["first stage: [22]HELLO! BOOT0"]),
    ("written-visionfive.log", &["OpenSBI: OpenSBI v1.0"]),
    (
        "written-mars-cm.log",
        &["SPL: U-Boot SPL 2021.10", "SPL: U-Boot SPL 2021.10"],
    ),
];

#[test]
fn each_restart_in_a_log_is_seen_and_nothing_else() {
    for (name, expected) in LOGS {
        let seen = restarts(&log(name));
        let same = seen.len() == expected.len()
            && seen
                .iter()
                .zip(expected)
                .all(|(seen, expected)| seen.starts_with(expected));
        assert!(same, "{name}: {seen:#?}");
    }
}

#[test]
fn every_log_is_looked_at() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/board/signs/logs");
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut logs: Vec<String> = files.filter(|name| name.ends_with(".log")).collect();
    logs.sort();
    let mut known = LOGS.map(|(name, _)| name);
    known.sort_unstable();
    assert_eq!(logs, known);
}

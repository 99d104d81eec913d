//! The content of a disk after a power cut.

use std::{fs, path::Path, process::Command};

use serde_json::json;
use vm::{DiskBus, Machine, qemu::qmp::Sensitivity};

use super::{Bench, boot_sector, serial_says, type_text};

/// Lets the guest write a sector, and waits until its BIOS reports that it is written.
async fn write(machine: &Machine) {
    let from = machine.serial().position();
    type_text(machine, "w").await;
    serial_says(machine, "W", from).await;
}

/// Flushes as a guest does, since no BIOS offers that.
async fn flush(machine: &Machine) {
    let line = json!({"command-line": "qemu-io disk0 flush"});
    let done = machine
        .qmp()
        .unwrap()
        .raw("human-monitor-command", line, Sensitivity::Open)
        .await;
    assert_eq!(done.unwrap(), json!(""));
}

/// Returns the sector that the guest has written, as it is on the disk of a machine that is off. The disk itself must
/// be whole.
fn written(overlay: &Path, scratch: &Path) -> Vec<u8> {
    let check = Command::new("qemu-img")
        .args(["check", "-f", "qcow2"])
        .arg(overlay)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&check.stdout).into_owned();
    // 3: unused space, as after every crash. 2 would be damage.
    assert!(matches!(check.status.code(), Some(0 | 3)), "{told}");
    let raw = scratch.join("disk.raw");
    let converted = Command::new("qemu-img")
        .args(["convert", "-f", "qcow2", "-O", "raw"])
        .args([overlay, &raw])
        .status();
    assert!(converted.unwrap().success());
    fs::read(raw).unwrap()[boot_sector::WRITTEN].to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_keeps_what_was_flushed_and_loses_what_was_not() {
    let bench = Bench::new();
    let overlay = bench.run_folder().join("disk0.qcow2");
    let disk = boot_sector::disk();
    let (before, after) = (
        &disk[boot_sector::WRITTEN],
        &disk[..boot_sector::WRITTEN.start],
    );

    // Written for the first time and not flushed: only QEMU knows its place, as in the cache of a disk.
    let mut spec = bench.spec();
    // The BIOS does not tell a virtio disk that it supports write caches, and gets none then.
    spec.disks[0].bus = Some(DiskBus::Sata);
    let launched = Machine::launch(&spec, &bench.run_folder()).await;
    let (machine, _events) = launched.unwrap();
    serial_says(&machine, boot_sector::GREETING, 0).await;
    write(&machine).await;
    machine.cut().await.unwrap();
    assert_eq!(written(&overlay, bench.root.path()), before, "it is lost");

    // The same disk has the flushed data.
    let (machine, _events) = machine.relaunch().await.unwrap();
    serial_says(&machine, boot_sector::GREETING, 0).await;
    write(&machine).await;
    flush(&machine).await;
    machine.cut().await.unwrap();
    assert_eq!(written(&overlay, bench.root.path()), after, "it is kept");

    // The machine starts from a whole disk.
    let (machine, _events) = machine.relaunch().await.unwrap();
    serial_says(&machine, boot_sector::GREETING, 0).await;
    machine.shutdown().await;
    assert_eq!(fs::read(bench.root.path().join("guest.raw")).unwrap(), disk);
}

//! The medium in the drive, and the disk that a machine starts from.

use std::{fs, path::PathBuf, process::Command};

use vm::{Disk, Machine, MachineEvent, MachineEvents, MachineSpec, Offers, RunState};

use super::{Bench, SAVABLE, boot_sector, event, serial_says, type_text};

const FROM_CD: &str = boot_sector::CD_GREETING;
const FROM_DISK: &str = boot_sector::GREETING;

impl Bench {
    fn cd(&self) -> PathBuf {
        let path = self.root.path().join("install.iso");
        fs::write(&path, boot_sector::cd()).unwrap();
        path
    }

    /// Returns a machine with a CD in its drive, and the disk that an installer would have written to.
    fn installed(&self) -> MachineSpec {
        let mut spec = self.spec();
        spec.disks.insert(0, Disk::cdrom(self.cd()));
        spec
    }
}

async fn power_off(machine: &Machine, events: &mut MachineEvents) {
    type_text(machine, "s").await;
    event(events, |event| {
        matches!(event, MachineEvent::Shutdown { .. })
    })
    .await;
}

/// Resets the machine, which prints `greeting` then. Returns the position behind it.
async fn reset_says(machine: &Machine, greeting: &str) -> u64 {
    let from = machine.serial().position();
    machine.power().reset().await.unwrap();
    serial_says(machine, greeting, from).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installed_disk_starts_when_its_cd_was_taken_out_of_a_machine_that_is_off() {
    let bench = Bench::new();
    let launched = Machine::launch(&bench.installed(), &bench.run_folder()).await;
    let (mut machine, mut events) = launched.unwrap();
    serial_says(&machine, FROM_CD, 0).await;
    power_off(&machine, &mut events).await;
    machine.eject().await.unwrap();
    let (machine, _events) = machine.relaunch().await.unwrap();
    serial_says(&machine, FROM_DISK, 0).await;
    let args = fs::read_to_string(bench.run_folder().join("qemu.args")).unwrap();
    assert!(!args.contains("install.iso"), "{args}");
    assert_eq!(machine.spec().unwrap().disks[0], Disk::empty_drive());
    machine.shutdown().await;
    assert_eq!(
        bench.files(),
        ["firmware.log", "qemu.args", "qmp.log", "serial0.log"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn media_and_the_boot_order_change_while_the_machine_runs() {
    let bench = Bench::new();
    let launched = Machine::launch(&bench.installed(), &bench.run_folder()).await;
    let (mut machine, _events) = launched.unwrap();
    serial_says(&machine, FROM_CD, 0).await;
    // Twice: an empty drive stays empty.
    machine.eject().await.unwrap();
    machine.eject().await.unwrap();
    reset_says(&machine, FROM_DISK).await;
    machine.insert(&bench.cd()).await.unwrap();
    reset_says(&machine, FROM_CD).await;
    // It replaces the medium that is there.
    machine.insert(&bench.cd()).await.unwrap();
    reset_says(&machine, FROM_CD).await;
    machine.boot_from(1).await.unwrap();
    reset_says(&machine, FROM_DISK).await;
    machine.boot_from(0).await.unwrap();
    reset_says(&machine, FROM_CD).await;

    assert!(machine.boot_from(2).await.is_err());
    let nowhere = bench.root.path().join("nowhere.iso");
    let error = machine.insert(&nowhere).await.unwrap_err();
    assert!(error.to_string().contains("no image at"), "{error}");
    reset_says(&machine, FROM_CD).await;
    machine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_without_power_holds_when_it_is_back() {
    let bench = Bench::new();
    let launched = Machine::launch(&bench.installed(), &bench.run_folder()).await;
    let (mut machine, _events) = launched.unwrap();
    serial_says(&machine, FROM_CD, 0).await;
    machine.cut().await.unwrap();
    machine.boot_from(1).await.unwrap();
    let (mut machine, _events) = machine.relaunch().await.unwrap();
    serial_says(&machine, FROM_DISK, 0).await;
    machine.cut().await.unwrap();
    machine.eject().await.unwrap();
    machine.insert(&bench.cd()).await.unwrap();
    machine.boot_from(0).await.unwrap();
    let (machine, _events) = machine.relaunch().await.unwrap();
    serial_says(&machine, FROM_CD, 0).await;
    machine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_is_restored_with_its_medium_and_off_where_it_was_off() {
    let bench = Bench::new();
    let launched = Machine::launch_with(&bench.installed(), &bench.run_folder(), SAVABLE).await;
    let (mut machine, mut events) = launched.unwrap();
    serial_says(&machine, FROM_CD, 0).await;
    machine.eject().await.unwrap();
    power_off(&machine, &mut events).await;
    let kept = bench.root.path().join("kept");
    fs::create_dir(&kept).unwrap();
    let saved = machine.save(&kept).await.expect("saved").saved;
    let spec = machine.spec().unwrap().clone();
    machine.shutdown().await;

    let folder = bench.root.path().join("again");
    let restored = Machine::restore(&spec, &folder, &saved, SAVABLE).await;
    let (machine, _events) = restored.unwrap();
    assert_eq!(machine.power().status().await.unwrap(), RunState::Shutdown);
    let (mut machine, _events) = machine.relaunch().await.unwrap();
    serial_says(&machine, FROM_DISK, 0).await;

    // Once more while it runs, with a medium in it.
    machine.insert(&bench.cd()).await.unwrap();
    let next = bench.root.path().join("next");
    fs::create_dir(&next).unwrap();
    let saved = machine.save(&next).await.expect("saved again").saved;
    let spec = machine.spec().unwrap().clone();
    machine.shutdown().await;
    let restored = Machine::restore(&spec, &folder, &saved, Offers::default()).await;
    let (mut machine, _events) = restored.unwrap();
    type_text(&machine, "on").await;
    serial_says(&machine, "on", 0).await;
    reset_says(&machine, FROM_CD).await;
    machine.boot_from(1).await.unwrap();
    reset_says(&machine, FROM_DISK).await;
    machine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cd_in_a_qcow2_file_is_a_cd() {
    let bench = Bench::new();
    let (iso, qcow2) = (bench.cd(), bench.root.path().join("live.qcow2"));
    let convert = Command::new("qemu-img")
        .args(["convert", "-f", "raw", "-O", "qcow2"])
        .args([&iso, &qcow2])
        .status();
    assert!(convert.unwrap().success());
    let before = fs::read(&qcow2).unwrap();
    let mut spec = bench.spec();
    spec.disks.insert(0, Disk::cdrom(&qcow2));
    let (mut machine, _events) = Machine::launch(&spec, &bench.run_folder()).await.unwrap();
    serial_says(&machine, FROM_CD, 0).await;
    machine.eject().await.unwrap();
    reset_says(&machine, FROM_DISK).await;
    machine.insert(&qcow2).await.unwrap();
    reset_says(&machine, FROM_CD).await;
    machine.shutdown().await;
    assert_eq!(fs::read(&qcow2).unwrap(), before);
}

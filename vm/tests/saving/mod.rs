//! Machines that are saved and restored.

use std::fs;

use vm::{Arrival, KeyboardDevice, LaunchError, Machine, Offers, Pace, Secrecy};

use super::bench::{Bench, SAVABLE, lives, serial_says, type_text};
use super::boot_sector;

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_machine_goes_on_any_number_of_times() {
    let bench = Bench::new();
    let (spec, folder) = (bench.spec(), bench.run_folder());
    let (machine, _events) = Machine::launch_with(&spec, &folder, SAVABLE).await.unwrap();
    serial_says(&machine, boot_sector::GREETING, 0).await;
    type_text(&machine, "one").await;
    serial_says(&machine, "one", 0).await;
    let shown = machine.screen().now().await.unwrap();
    assert!(machine.cannot_be_saved().await.unwrap().is_none());
    let pid = machine.facts().qemu().unwrap().pid;
    let kept = bench.root.path().join("kept");
    fs::create_dir(&kept).unwrap();
    let saved = machine.save(&kept).await.expect("saved").saved;
    machine.shutdown().await;
    assert!(!lives(pid));
    let before = fs::read(kept.join("ram")).unwrap();

    // Two at once. The second is saved as well.
    let restore = |name: &str, offers| {
        let folder = bench.root.path().join(name);
        let (spec, saved) = (spec.clone(), saved.clone());
        async move {
            Machine::restore(&spec, &folder, &saved, offers)
                .await
                .unwrap()
        }
    };
    let ((left, _left_events), (right, _right_events)) = tokio::join!(
        restore("left", Offers::default()),
        restore("right", SAVABLE)
    );
    let same = left.screen().now().await.unwrap();
    // Except for the cursor, which blinks.
    let other = same.rgb.iter().zip(&shown.rgb[..]);
    let other = other.filter(|(now, then)| now != then).count();
    assert!(
        same.rgb.len() == shown.rgb.len() && other < 500,
        "{other} bytes of the screen are not as they were"
    );
    assert!(left.cannot_be_saved().await.unwrap().is_some());
    for (machine, text) in [(&left, "left"), (&right, "ight")] {
        type_text(machine, text).await;
        serial_says(machine, text, 0).await;
    }
    assert_eq!(left.serial().text_from(0), "left");
    left.shutdown().await;
    let next = bench.root.path().join("next");
    fs::create_dir(&next).unwrap();
    let saved = right.save(&next).await.expect("saved again").saved;
    right.shutdown().await;
    let (machine, _events) = Machine::restore(&spec, &folder, &saved, Offers::default())
        .await
        .unwrap();
    type_text(&machine, "on").await;
    serial_says(&machine, "on", 0).await;

    // After power off and on it starts from the beginning.
    let (machine, _events) = machine.relaunch().await.unwrap();
    serial_says(&machine, boot_sector::GREETING, 0).await;
    machine.shutdown().await;
    assert_eq!(
        fs::read(kept.join("ram")).unwrap(),
        before,
        "the saved memory is never written to"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_machine_that_is_damaged_is_told_from_one_that_does_not_start() {
    let bench = Bench::new();
    let spec = bench.spec();
    let (machine, _events) = Machine::launch_with(&spec, &bench.run_folder(), SAVABLE)
        .await
        .unwrap();
    serial_says(&machine, boot_sector::GREETING, 0).await;
    let kept = bench.root.path().join("kept");
    fs::create_dir(&kept).unwrap();
    let saved = machine.save(&kept).await.expect("saved").saved;
    machine.shutdown().await;
    let devices = fs::read(kept.join("devices")).unwrap();
    for (what, bytes) in [
        ("cut short", &devices[..devices.len() / 2]),
        ("garbage", &[7; 5000][..]),
        ("empty", &[][..]),
    ] {
        fs::write(kept.join("devices"), bytes).unwrap();
        let folder = bench.root.path().join("again");
        let error = Machine::restore(&spec, &folder, &saved, Offers::default())
            .await
            .expect_err(what);
        assert!(
            matches!(error, LaunchError::Saved { .. }),
            "{what}: {error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_cannot_be_saved_goes_on() {
    let bench = Bench::new();
    let (machine, _events) = Machine::launch_with(&bench.spec(), &bench.run_folder(), SAVABLE)
        .await
        .unwrap();
    serial_says(&machine, boot_sector::GREETING, 0).await;
    let nowhere = bench.root.path().join("nowhere");
    machine.save(&nowhere).await.expect_err("no such folder");
    type_text(&machine, "on").await;
    serial_says(&machine, "on", 0).await;
    machine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_usb_keyboard_tells_what_its_guest_has_taken() {
    let bench = Bench::new();
    let mut spec = bench.spec();
    spec.keyboard = KeyboardDevice::Usb;
    let launched = Machine::launch_with(&spec, &bench.run_folder(), SAVABLE).await;
    let (machine, _events) = launched.unwrap();
    serial_says(&machine, boot_sector::GREETING, 0).await;
    let typed = async |machine: &Machine, text: &str| {
        let key = |key: char| vec![key.to_string().parse().unwrap()];
        let taps: Vec<_> = text.chars().map(key).collect();
        let keyboard = machine.keyboard();
        keyboard
            .type_taps(&taps, Pace::default(), Secrecy::Open)
            .await
    };
    assert_eq!(typed(&machine, "one").await.unwrap(), Arrival::Taken);
    let kept = bench.root.path().join("kept");
    fs::create_dir(&kept).unwrap();
    let saved = machine.save(&kept).await.expect("saved").saved;
    machine.shutdown().await;
    let folder = bench.root.path().join("restored");
    let restored = Machine::restore(&spec, &folder, &saved, Offers::default()).await;
    let (machine, _events) = restored.unwrap();
    // More than the device has room for.
    let text = "on".repeat(16);
    assert_eq!(typed(&machine, &text).await.unwrap(), Arrival::Taken);
    serial_says(&machine, &text, 0).await;
    machine.shutdown().await;
}

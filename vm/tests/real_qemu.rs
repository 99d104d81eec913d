//! Machines in a real QEMU, with a guest of 512 bytes: tests that need a real QEMU. They take some seconds under
//! emulation.
//!
//! `cargo test -p qa-vm --features real-machines --test real_qemu`. Needs qemu-system-x86, qemu-utils, seabios, ovmf
//! and swtpm. Skips tests of other architectures if their QEMU is missing.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "these are tests, their helpers included"
)]

mod bench;
mod boot_sector;
mod devices;
mod media;
mod power_cut;
mod saving;

use std::{fs, os::unix::process::ExitStatusExt, process::Command, time::Duration};

use tokio::time::timeout;
use vm::{
    Accel, Arch, CaptureError, Disk, DisplayDevice, EventOrigin, Firmware, LaunchError, Machine,
    MachineEvent, MachineSpec, Offers, Placeholder, RunState, ScreenState,
};

use bench::{Bench, LIMIT, SAVABLE, drawn, event, lives, serial_says, type_text};

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_boots_hears_keys_resets_and_powers_off() {
    let bench = Bench::new();
    let (machine, mut events) = bench.launch().await;
    let greeted = serial_says(&machine, boot_sector::GREETING, 0).await;

    // The typed text is on the screen, in a frame that was captured after it.
    let before = machine.screen().now().await.unwrap();
    assert!((before.width, before.height) >= (640, 400), "{before:?}");
    assert_eq!(
        before.rgb.len(),
        (before.width * before.height * 3) as usize
    );
    let mut screen = machine.screen().watch();
    type_text(&machine, "xyz").await;
    serial_says(&machine, "xyz", greeted).await;
    let changed = screen.wait_for(|state| {
        state
            .frame()
            .is_some_and(|frame| frame.generation > before.generation)
    });
    let changed = timeout(LIMIT, changed).await.unwrap().unwrap().clone();
    assert!(changed.frame().unwrap().changed.is_some());

    // The guest resets itself.
    type_text(&machine, "r").await;
    event(&mut events, |event| {
        matches!(event, MachineEvent::Reset { by: EventOrigin::Guest, reason, .. } if reason == "guest-reset")
    })
    .await;
    let greeted = serial_says(&machine, boot_sector::GREETING, greeted).await;

    // This program resets it.
    machine.power().reset().await.unwrap();
    event(&mut events, |event| {
        matches!(
            event,
            MachineEvent::Reset {
                by: EventOrigin::Host,
                ..
            }
        )
    })
    .await;
    let greeted = serial_says(&machine, boot_sector::GREETING, greeted).await;

    // Paused and resumed.
    machine.power().pause().await.unwrap();
    event(&mut events, |event| *event == MachineEvent::Stopped).await;
    assert_eq!(machine.power().status().await.unwrap(), RunState::Paused);
    machine.power().resume().await.unwrap();
    event(&mut events, |event| *event == MachineEvent::Resumed).await;

    // It powers itself off, and QEMU stays.
    type_text(&machine, "s").await;
    event(&mut events, |event| {
        matches!(event, MachineEvent::Shutdown { by: EventOrigin::Guest, reason } if reason == "guest-shutdown")
    })
    .await;
    machine.screen().now().await.unwrap();
    assert_eq!(machine.power().status().await.unwrap(), RunState::Shutdown);

    // And starts again.
    machine.power().on().await.unwrap();
    serial_says(&machine, boot_sector::GREETING, greeted).await;
    assert_eq!(machine.power().status().await.unwrap(), RunState::Running);

    let pid = machine.facts().qemu().unwrap().pid;
    let ending = machine.shutdown().await;
    assert!(ending.status.unwrap().success(), "{ending:?}");
    assert!(!lives(pid));
    event(
        &mut events,
        |event| matches!(event, MachineEvent::Exited { expected: true, ending } if ended_well(ending)),
    )
    .await;
    assert_eq!(events.next().await, None);
    assert_eq!(
        bench.files(),
        ["firmware.log", "qemu.args", "qmp.log", "serial0.log"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_whose_plug_was_pulled_starts_again_and_the_image_stays_as_it_was() {
    let bench = Bench::new();
    let (machine, mut events) = bench.launch().await;
    serial_says(&machine, boot_sector::GREETING, 0).await;
    let first_frame = machine.screen().now().await.unwrap();
    let first_pid = machine.facts().qemu().unwrap().pid;
    let ending = machine.cut().await.unwrap();
    assert_eq!(ending.status.unwrap().signal(), Some(9));
    let exited =
        |event: &MachineEvent| matches!(event, MachineEvent::Exited { expected: true, .. });
    event(&mut events, exited).await;
    assert_eq!(events.next().await, None);
    assert!(!lives(first_pid));
    assert!(machine.screen().now().await.is_err());
    assert!(machine.power().reset().await.is_err());
    assert_eq!(machine.events().next().await, None);

    let (machine, _events) = machine.relaunch().await.unwrap();
    assert!(bench.files().contains(&"disk0.qcow2".to_owned()));
    serial_says(&machine, boot_sector::GREETING, 0).await;
    let frame = machine.screen().now().await.unwrap();
    assert!(frame.generation > first_frame.generation);
    machine.shutdown().await;
    assert_eq!(
        bench.files(),
        ["firmware.log", "qemu.args", "qmp.log", "serial0.log"]
    );
    // The log has both runs.
    let log = fs::read_to_string(bench.run_folder().join("serial0.log")).unwrap();
    assert_eq!(log.matches(boot_sector::GREETING).count(), 2);
    assert_eq!(
        fs::read(bench.root.path().join("guest.raw")).unwrap(),
        boot_sector::disk()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_a_machine_leaves_no_process_and_no_overlay() {
    let bench = Bench::new();
    let (machine, mut events) = bench.launch().await;
    let pid = machine.facts().qemu().unwrap().pid;
    assert!(lives(pid));
    drop(machine);
    assert!(!lives(pid));
    let exited =
        |event: &MachineEvent| matches!(event, MachineEvent::Exited { expected: true, .. });
    event(&mut events, exited).await;
    assert_eq!(
        bench.files(),
        ["firmware.log", "qemu.args", "qmp.log", "serial0.log"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_qemu_that_is_killed_by_someone_else_is_an_unexpected_exit() {
    let bench = Bench::new();
    let (machine, mut events) = bench.launch().await;
    let pid = machine.facts().qemu().unwrap().pid.to_string();
    assert!(
        Command::new("kill")
            .args(["-9", &pid])
            .status()
            .unwrap()
            .success()
    );
    event(&mut events, |event| {
        matches!(event, MachineEvent::Exited { expected: false, ending } if ending.signal() == Some(9))
    })
    .await;
    assert_eq!(events.next().await, None);
    let ending = machine.shutdown().await;
    assert_eq!(ending.status.unwrap().signal(), Some(9));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_qemu_shows_before_the_firmware_draws_is_no_picture_of_the_guest() {
    let bench = Bench::new();
    let mut spec = bench.spec();
    spec.firmware = Firmware::Uefi;
    spec.memory_mib = 128;
    // The firmware has a driver for it only after seconds.
    spec.display.device = DisplayDevice::VirtioGpu;
    let (machine, _events) = Machine::launch(&spec, &bench.run_folder()).await.unwrap();
    assert_eq!(
        machine.screen().now().await.unwrap_err(),
        CaptureError::Placeholder(Placeholder::NotInitialized)
    );
    let mut seen = machine.screen().watch();
    let drawn = seen.wait_for(|state| matches!(state, ScreenState::Shown(_)));
    assert!(timeout(LIMIT, drawn).await.unwrap().is_ok());
    machine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bios_that_finds_nothing_to_start_says_so_in_its_log() {
    let bench = Bench::new();
    let mut spec = bench.spec();
    spec.disks = vec![Disk::blank(1)];
    let (machine, _events) = Machine::launch(&spec, &bench.run_folder()).await.unwrap();
    let log = bench.run_folder().join(vm::FIRMWARE_LOG);
    let said = async {
        while !fs::read_to_string(&log)
            .unwrap()
            .contains("No bootable device.")
        {
            // A file does not announce that it has grown.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(LIMIT, said).await.unwrap();
    machine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_qemu_cannot_build_is_told_from_one_that_ends_early() {
    let bench = Bench::new();
    let mut spec = bench.spec();
    spec.extra_args = vec!["-device".to_owned(), "warp-drive".to_owned()];
    match Machine::launch(&spec, &bench.run_folder()).await {
        Err(LaunchError::TooOld { message, .. }) => {
            assert!(
                message.contains("'warp-drive' is not a valid device model name"),
                "{message}"
            );
        }
        other => panic!("{other:?}"),
    }
    spec.extra_args = vec!["-fw_cfg".to_owned(), "name=opt/qa,file=/nowhere".to_owned()];
    match Machine::launch(&spec, &bench.run_folder()).await {
        Err(LaunchError::EndedEarly {
            status,
            stderr_tail,
        }) => {
            assert!(!status.success());
            assert!(stderr_tail.contains("/nowhere"), "{stderr_tail}");
        }
        other => panic!("{other:?}"),
    }
    // Only the files that explain the attempts are left.
    assert_eq!(bench.files(), ["firmware.log", "qemu.args", "qmp.log"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn uefi_firmware_shows_itself_and_its_variables_are_the_runs_own() {
    let bench = Bench::new();
    let mut spec = MachineSpec::desktop(Arch::X86_64);
    spec.accel = Accel::Tcg;
    spec.memory_mib = 256;
    let (machine, _events) = Machine::launch(&spec, &bench.run_folder()).await.unwrap();
    let firmware = machine.facts().qemu().unwrap().firmware.clone().unwrap();
    let chips = firmware.flash().expect("OVMF comes in flash chips");
    let format = chips.variables_format.name();
    let copy = bench
        .run_folder()
        .join(format!("firmware-variables.{format}"));
    assert!(copy.is_file());
    drawn(&machine).await;
    machine.shutdown().await;
    assert!(!copy.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_that_is_offered_answers_as_vnc_servers_do_and_no_other() {
    use tokio::io::AsyncReadExt;
    let bench = Bench::new();
    let hidden = Machine::launch(&bench.spec(), &bench.run_folder()).await;
    let (hidden, _events) = hidden.unwrap();
    assert_eq!(hidden.vnc().await.unwrap(), None);
    hidden.shutdown().await;
    let offers = Offers {
        vnc: true,
        ..Offers::default()
    };
    let launch = |name: &str| {
        let folder = bench.root.path().join(name);
        let spec = bench.spec();
        async move { Machine::launch_with(&spec, &folder, offers).await.unwrap() }
    };
    let ((one, _one_events), (other, _other_events)) = tokio::join!(launch("one"), launch("other"));
    let (first, second) = (one.vnc().await.unwrap(), other.vnc().await.unwrap());
    assert_ne!(first, second, "each has a port of its own");
    for address in [first, second] {
        let address = address.expect("an address");
        assert!(address.ip().is_loopback());
        let mut viewer = tokio::net::TcpStream::connect(address).await.unwrap();
        let mut greeting = [0; 12];
        viewer.read_exact(&mut greeting).await.unwrap();
        assert_eq!(&greeting, b"RFB 003.008\n");
    }
    one.shutdown().await;
    other.shutdown().await;
}

fn ended_well(ending: &vm::Ending) -> bool {
    ending.status.is_some_and(|status| status.success())
}

//! Machines in a real QEMU, with a guest of 512 bytes: what only a real one can show. Some seconds under emulation.
//!
//! `cargo test -p qa-vm --features real-machines --test real_qemu`; needs qemu-system-x86, qemu-utils, seabios,
//! ovmf and swtpm, and skips what is for other architectures where those are missing.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "these are tests, their helpers included"
)]

mod boot_sector;
mod devices;
mod media;
mod power_cut;

use std::{
    fs,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tempfile::TempDir;
use tokio::time::timeout;
use vm::{
    Accel, Arch, CaptureError, Disk, DisplayDevice, EventOrigin, Firmware, KeyboardDevice,
    LaunchError, Looked, Machine, MachineEvent, MachineEvents, MachineSpec, Offers, Pace,
    Placeholder, PointerDevice, RunState, ScreenState, Secrecy, SerialSearch,
};

/// Ends a test whose guest hangs; nothing here takes a tenth of it.
const LIMIT: Duration = Duration::from_secs(120);

/// A machine that can be saved.
const SAVABLE: Offers = Offers {
    saving: true,
    vnc: false,
};

/// A folder with the guest's disk and a folder for the run.
struct Bench {
    root: TempDir,
}

impl Bench {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("guest.raw"), boot_sector::disk()).unwrap();
        Self { root }
    }

    fn run_folder(&self) -> PathBuf {
        self.root.path().join("run")
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.run_folder()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// A small BIOS machine with the guest in it.
    fn spec(&self) -> MachineSpec {
        let mut spec = MachineSpec::desktop(Arch::X86_64);
        spec.accel = Accel::Tcg;
        spec.firmware = Firmware::Bios;
        spec.cpus = 1;
        spec.memory_mib = 64;
        spec.display.device = DisplayDevice::StdVga;
        spec.keyboard = KeyboardDevice::BuiltIn;
        spec.pointer = PointerDevice::UsbTablet;
        spec.disks = vec![Disk::overlay(self.root.path().join("guest.raw"))];
        spec
    }

    async fn launch(&self) -> (Machine, MachineEvents) {
        Machine::launch(&self.spec(), &self.run_folder())
            .await
            .unwrap()
    }
}

/// Waits until the serial console says `text` at or after `from`; gives the position behind it.
async fn serial_says(machine: &Machine, text: &str, from: u64) -> u64 {
    let pattern = regex::Regex::new(&regex::escape(text)).unwrap();
    let mut grown = machine.serial().watch();
    let mut search = SerialSearch::new(&pattern, from);
    let said = async {
        loop {
            if let Looked::Found(found) = search.look(machine.serial()) {
                return found.end;
            }
            grown.changed().await.expect("the machine ended");
        }
    };
    timeout(LIMIT, said).await.unwrap_or_else(|_| {
        panic!(
            "the guest never said {text:?}; it said {:?}",
            machine.serial().text_from(0)
        )
    })
}

/// Waits for an event that `wanted` takes; gives those before it.
async fn event(
    events: &mut MachineEvents,
    wanted: impl Fn(&MachineEvent) -> bool,
) -> Vec<MachineEvent> {
    let mut before = Vec::new();
    let found = async {
        loop {
            let event = events.next().await.expect("the machine is gone");
            if wanted(&event) {
                return;
            }
            before.push(event);
        }
    };
    timeout(LIMIT, found).await.expect("the event never came");
    before
}

/// Waits until there is more than one colour on the screen: TianoCore draws some.
async fn drawn(machine: &Machine) {
    let mut screen = machine.screen().watch();
    let drawn = screen.wait_for(|state| {
        state.frame().is_some_and(|frame| {
            let first = &frame.rgb[..3];
            frame.rgb.chunks_exact(3).any(|pixel| pixel != first)
        })
    });
    timeout(LIMIT, drawn).await.unwrap().unwrap();
}

async fn type_text(machine: &Machine, text: &str) {
    let key = |key: char| vec![key.to_string().parse().unwrap()];
    let taps: Vec<_> = text.chars().map(key).collect();
    let typed = machine
        .keyboard()
        .type_taps(&taps, Pace::default(), Secrecy::Open);
    typed.await.unwrap();
}

fn lives(pid: u32) -> bool {
    Path::new("/proc").join(pid.to_string()).exists()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_boots_hears_keys_resets_and_powers_off() {
    let bench = Bench::new();
    let (machine, mut events) = bench.launch().await;
    let greeted = serial_says(&machine, boot_sector::GREETING, 0).await;

    // What is typed is on the screen, in a frame that is captured after it.
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
        matches!(event, MachineEvent::Reset { by: EventOrigin::Guest, reason } if reason == "guest-reset")
    })
    .await;
    let greeted = serial_says(&machine, boot_sector::GREETING, greeted).await;

    // We reset it.
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

    let pid = machine.facts().pid;
    let ending = machine.shutdown().await;
    assert!(ending.status.unwrap().success(), "{ending:?}");
    assert!(!lives(pid));
    event(
        &mut events,
        |event| matches!(event, MachineEvent::Exited { expected: true, status, .. } if status.success()),
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
    let first_pid = machine.facts().pid;
    let ending = machine.cut().await;
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
    // Both lives are in the log.
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
    let pid = machine.facts().pid;
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
    let pid = machine.facts().pid.to_string();
    assert!(
        Command::new("kill")
            .args(["-9", &pid])
            .status()
            .unwrap()
            .success()
    );
    event(&mut events, |event| {
        matches!(event, MachineEvent::Exited { expected: false, status, .. } if status.signal() == Some(9))
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
    // Not to be used before the firmware has a driver for it, which takes seconds.
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
            // A file tells nobody that it has grown.
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
    // Nothing of the attempts is left but what explains them.
    assert_eq!(bench.files(), ["firmware.log", "qemu.args", "qmp.log"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn uefi_firmware_shows_itself_and_its_variables_are_the_runs_own() {
    let bench = Bench::new();
    let mut spec = MachineSpec::desktop(Arch::X86_64);
    spec.accel = Accel::Tcg;
    spec.memory_mib = 256;
    let (machine, _events) = Machine::launch(&spec, &bench.run_folder()).await.unwrap();
    let firmware = machine.facts().firmware.clone().unwrap();
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
async fn a_saved_machine_goes_on_any_number_of_times() {
    let bench = Bench::new();
    let (spec, folder) = (bench.spec(), bench.run_folder());
    let (machine, _events) = Machine::launch_with(&spec, &folder, SAVABLE).await.unwrap();
    serial_says(&machine, boot_sector::GREETING, 0).await;
    type_text(&machine, "one").await;
    serial_says(&machine, "one", 0).await;
    let shown = machine.screen().now().await.unwrap();
    assert!(machine.cannot_be_saved().await.unwrap().is_none());
    let pid = machine.facts().pid;
    let kept = bench.root.path().join("kept");
    fs::create_dir(&kept).unwrap();
    let saved = machine.save(&kept).await.expect("saved").saved;
    machine.shutdown().await;
    assert!(!lives(pid));
    let before = fs::read(kept.join("ram")).unwrap();

    // Two at once, the second of which is saved in its turn.
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
    // But for the cursor, which blinks.
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

    // Switched off and on it begins anew.
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

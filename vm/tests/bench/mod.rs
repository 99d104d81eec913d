//! A folder for one machine with the small guest, and waits for its output and events.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::TempDir;
use tokio::time::timeout;
use vm::{
    Accel, Arch, Disk, DisplayDevice, Firmware, KeyboardDevice, Looked, Machine, MachineEvent,
    MachineEvents, MachineSpec, Offers, Pace, PointerDevice, Secrecy, SerialSearch,
};

use super::boot_sector;

/// The limit of a test whose guest hangs. Nothing here takes a tenth of it.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// A machine that can be saved.
pub(crate) const SAVABLE: Offers = Offers {
    saving: true,
    vnc: false,
};

/// A folder with the guest's disk and a folder for the run.
pub(crate) struct Bench {
    pub(crate) root: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("guest.raw"), boot_sector::disk()).unwrap();
        Self { root }
    }

    pub(crate) fn run_folder(&self) -> PathBuf {
        self.root.path().join("run")
    }

    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.run_folder()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// A small BIOS machine with the guest in it.
    pub(crate) fn spec(&self) -> MachineSpec {
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

    pub(crate) async fn launch(&self) -> (Machine, MachineEvents) {
        Machine::launch(&self.spec(), &self.run_folder())
            .await
            .unwrap()
    }
}

/// Waits until the serial console has `text` at or after `from`. Returns the position behind it.
pub(crate) async fn serial_says(machine: &Machine, text: &str, from: u64) -> u64 {
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

/// Waits for an event that `wanted` accepts. Returns the events before it.
pub(crate) async fn event(
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
pub(crate) async fn drawn(machine: &Machine) {
    let mut screen = machine.screen().watch();
    let drawn = screen.wait_for(|state| {
        state.frame().is_some_and(|frame| {
            let first = &frame.rgb[..3];
            frame.rgb.chunks_exact(3).any(|pixel| pixel != first)
        })
    });
    timeout(LIMIT, drawn).await.unwrap().unwrap();
}

pub(crate) async fn type_text(machine: &Machine, text: &str) {
    let key = |key: char| vec![key.to_string().parse().unwrap()];
    let taps: Vec<_> = text.chars().map(key).collect();
    let typed = machine
        .keyboard()
        .type_taps(&taps, Pace::default(), Secrecy::Open);
    typed.await.unwrap();
}

pub(crate) fn lives(pid: u32) -> bool {
    Path::new("/proc").join(pid.to_string()).exists()
}

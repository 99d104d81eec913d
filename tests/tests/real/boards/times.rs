//! How long a board takes, beside what the board itself needs: printed, as the host decides.

use std::{
    io::Cursor,
    sync::{Arc, Mutex},
};

use image::{ImageFormat, RgbImage};
use qa_tests::{
    Badge, Screen, boot_disk,
    fake_kvmd::{Board, FakeKvmd, Input, PASSWORD, Press},
};
use reports::{Entry, Event};

use super::{Dressed, firmware_only};
use crate::host::Project;

/// How many runs take the board.
const RUNS: usize = 30;

/// How many keys change the picture.
const KEYS: usize = 200;

/// A board that shows `even` or `odd`: each key changes it.
#[derive(Clone, Default)]
struct Shows(Arc<Mutex<usize>>);

impl Board for Shows {
    fn picture(&mut self) -> Option<RgbImage> {
        let word = ["even", "odd"][*self.0.lock().unwrap() % 2];
        let png = Cursor::new(Screen::of(word).png());
        let picture = image::load(png, ImageFormat::Png).unwrap();
        Some(picture.into_rgb8())
    }

    fn input(&mut self, input: &Input) {
        if matches!(input, Input::Key { down: true, .. }) {
            *self.0.lock().unwrap() += 1;
        }
    }

    fn press(&mut self, _press: Press) {}

    fn is_on(&mut self) -> bool {
        true
    }
}

/// Prints the median and the 99th percentile of times in milliseconds.
fn tell(what: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let at = |part: usize| times[(times.len() * part).div_ceil(100).max(1) - 1];
    println!(
        "{what}: p50 {:.0} ms, p99 {:.0} ms, of {}",
        at(50),
        at(99),
        times.len()
    );
}

/// Returns the milliseconds from the begin of `board.log` to this line of it.
fn until(log: &str, what: &str) -> f64 {
    let line = log.lines().find(|line| line.trim_end().ends_with(what));
    let line = line.unwrap_or_else(|| panic!("no `{what}`: {log}"));
    let (seconds, _) = line.trim_start().split_once(' ').unwrap();
    seconds.parse::<f64>().unwrap() * 1000.0
}

#[test]
fn a_board_is_acquired_and_switched_on_in_this_time() {
    let Dressed { lab, rig, bench } = Dressed::start();
    let project = firmware_only(bench.path(), &lab, &rig);
    let steps = "image: console-riscv64\nmachine: rig\nsteps:\n  - note: it is on\n";
    std::fs::create_dir_all(project.path().join("scenarios")).unwrap();
    std::fs::write(project.path().join("scenarios/on.yaml"), steps).unwrap();
    let times = (0..RUNS).map(|_| {
        let outcome = project.run(&["scenarios/on.yaml", "--cold"]).exits_with(0);
        until(&outcome.file("on/board.log"), "power on: done")
    });
    tell("labgrid, acquire to power on", times.collect());
}

#[test]
fn a_picture_of_a_network_kvm_is_matched_in_this_time() {
    let kvmd = FakeKvmd::before(Shows::default(), 92);
    let project = format!(
        "scenarios: [scenarios]
needles: [needles]
images: {{ disk: {{ path: disk.img, machine: kvm }} }}
machines:
  kvm:
    arch: riscv64
    board:
      commands: {{ on: 'true', off: 'true', write: 'true' }}
      power: commands
      storage: commands
      kvmd: {{ address: '{}', password: {{ env: KVM }} }}
      screen: kvmd
      input: kvmd
",
        kvmd.address()
    );
    let mut steps = "image: disk\nsteps:\n  - see: even\n".to_owned();
    for key in 1..=KEYS {
        let word = ["even", "odd"][key % 2];
        steps.push_str(&format!("  - press: a\n  - see: {word}\n"));
    }
    let mut files = vec![
        ("qa.yaml".to_owned(), project.into_bytes()),
        ("scenarios/keys.yaml".to_owned(), steps.into_bytes()),
        ("disk.img".to_owned(), boot_disk()),
    ];
    for word in ["even", "odd"] {
        let needle = Badge::of(word).needle().to_string();
        files.push((format!("needles/{word}.json"), needle.into_bytes()));
        files.push((format!("needles/{word}.png"), Screen::of(word).png()));
    }
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let project = Project::new(&files).with_env("KVM", PASSWORD);
    let outcome = project.run(&["keys", "--cold"]).exits_with(0);
    tell(
        "network KVM, key to match",
        key_to_match(&outcome.entries()),
    );
}

/// Returns the milliseconds from each pressed key to the end of the `see` after it.
fn key_to_match(entries: &[Entry]) -> Vec<f64> {
    let (mut pressed, mut seen, mut sees) = (Vec::new(), Vec::new(), false);
    for entry in entries {
        match &entry.event {
            Event::Input { done_ms, .. } => pressed.push(*done_ms),
            Event::StepStarted { verb, .. } => sees = verb == "see",
            Event::StepFinished { .. } if sees => seen.push(entry.envelope.at_ms),
            _ => {}
        }
    }
    assert_eq!((pressed.len(), seen.len()), (KEYS, KEYS + 1));
    // The first look comes before the first key.
    let pairs = pressed.into_iter().zip(seen.into_iter().skip(1));
    pairs
        .map(|(pressed, seen)| (seen - pressed) as f64)
        .collect()
}

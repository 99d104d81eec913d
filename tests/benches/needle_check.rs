//! Measures `qa needle check` on large sets of needles: `make bench`, or `cargo bench -p qa-tests --bench
//! needle_check`.
//!
//! ```text
//! 300    needles, 126 of which share a tag
//! 2569   needles, 1081 of which share a tag: 584,000 pairs
//! ```
//!
//! The pictures are drawn: windows with lines of text, each picture for several needles. The sizes of areas are those
//! of sets of others: half of them below 85x30, one in twenty a third of the screen or more. Two processors are used,
//! as far as the host has them. `QA` names the program to measure.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot measure has nothing better to do"
)]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use needles::{Colour, Picture, Rect};
use serde_json::json;

/// For a set of so many needles, with so many of one tag: the most time and memory that it may take.
const SETS: [(usize, usize, Duration, u64); 2] = [
    (300, 126, Duration::from_secs(10), 300 << 20),
    (2569, 1081, Duration::from_secs(60), 300 << 20),
];

const WIDTH: u32 = 1024;
const HEIGHT: u32 = 768;

/// So many needles have one picture.
const SHARED: usize = 12;

/// How often the memory of the program is looked at.
const POLL: Duration = Duration::from_millis(10);

fn main() {
    let qa = env::var_os("QA").map_or_else(|| PathBuf::from("target/release/qa"), PathBuf::from);
    if !qa.is_file() {
        println!(
            "skipped: `{}` is not there: build it, or name it by QA",
            qa.display()
        );
        return;
    }
    for (needles, of_one_tag, most_time, most_bytes) in SETS {
        let set = tempfile::tempdir().unwrap();
        write_set(set.path(), needles, of_one_tag);
        let (took, bytes) = measured(&qa, set.path());
        let verdict = if took <= most_time && bytes <= most_bytes {
            "within"
        } else {
            "MORE THAN"
        };
        println!(
            "{needles} needles, {of_one_tag} of one tag: {:.1} s, {} MiB; {verdict} {} s and {} MiB",
            took.as_secs_f64(),
            bytes >> 20,
            most_time.as_secs(),
            most_bytes >> 20
        );
    }
}

/// Runs the check. Returns its time, and the most memory that it used.
fn measured(qa: &Path, set: &Path) -> (Duration, u64) {
    let start = Instant::now();
    let mut child = Command::new(qa)
        .args(["needle", "check", "--format", "json"])
        .arg(set)
        .env("RAYON_NUM_THREADS", "2")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        most = most.max(peak(child.id()).unwrap_or(0));
        thread::sleep(POLL);
    }
    (start.elapsed(), most)
}

/// Returns the most memory that a process has used so far, in bytes.
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}

/// A generator of numbers, the same at every call.
struct Numbers(u64);

impl Numbers {
    /// Returns a number below this one.
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(limit)) as u32
    }

    fn colour(&mut self) -> Colour {
        let [red, green, blue] = [0; 3].map(|_| self.below(256) as u8);
        Colour::new(red, green, blue)
    }
}

fn write_set(folder: &Path, needles: usize, of_one_tag: usize) {
    let mut numbers = Numbers(7);
    let mut picture = PathBuf::new();
    for index in 0..needles {
        let file = folder.join(format!("needle-{index}.png"));
        if index % SHARED == 0 {
            fs::write(&file, screen(&mut numbers).to_png()).unwrap();
            picture.clone_from(&file);
        } else {
            fs::hard_link(&picture, &file).unwrap();
        }
        let tag = if index < of_one_tag {
            "common".to_owned()
        } else {
            format!("tag-{}", index / 3)
        };
        let needle = json!({ "area": [area(&mut numbers)], "properties": [], "tags": [tag, "ENV-DISTRI-bench"] });
        fs::write(file.with_extension("json"), needle.to_string()).unwrap();
    }
}

/// An area of a usual size.
fn area(numbers: &mut Numbers) -> serde_json::Value {
    let (widest, highest) = match numbers.below(20) {
        0 => (WIDTH, HEIGHT),
        1..=4 => (300, 120),
        _ => (150, 50),
    };
    let width = (widest / 2 + numbers.below(widest / 2)).max(20);
    let height = (highest / 2 + numbers.below(highest / 2)).max(16);
    json!({
        "xpos": numbers.below(WIDTH - width + 1), "ypos": numbers.below(HEIGHT - height + 1),
        "width": width, "height": height, "type": "match",
    })
}

/// A screen of some windows with lines of text.
fn screen(numbers: &mut Numbers) -> Picture {
    let mut drawn = vec![(Rect::new(0, 0, WIDTH, HEIGHT), numbers.colour())];
    for _ in 0..6 {
        let (x, y) = (numbers.below(700) as i32, numbers.below(500) as i32);
        let (width, height) = (200 + numbers.below(500), 120 + numbers.below(300));
        drawn.push((Rect::new(x, y, width, height), numbers.colour()));
        drawn.push((Rect::new(x, y, width, 24), numbers.colour()));
        let ink = numbers.colour();
        for line in 0..(height as i32 - 40) / 18 {
            let mut at = 8;
            while at + 12 < width {
                let letter = 2 + numbers.below(8);
                let top = y + 32 + line * 18 + numbers.below(4) as i32;
                drawn.push((
                    Rect::new(x + at as i32, top, letter, 3 + numbers.below(8)),
                    ink,
                ));
                at += letter + 2 + numbers.below(6);
            }
        }
    }
    let whole = Rect::new(0, 0, WIDTH, HEIGHT);
    let drawn = drawn.into_iter();
    let drawn: Vec<_> = drawn
        .filter_map(|(rect, colour)| Some((rect.intersection(&whole)?, colour)))
        .collect();
    let empty = vec![0; WIDTH as usize * HEIGHT as usize * 3];
    Picture::from_rgb(WIDTH, HEIGHT, empty)
        .unwrap()
        .with_filled(&drawn)
}

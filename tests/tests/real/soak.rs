//! Many short runs: memory and handles that grow, and files and processes that a kill at any moment leaves behind.

use std::{
    collections::hash_map::RandomState,
    fs,
    hash::{BuildHasher, Hasher},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use crate::boot_sector;

const RUNS: usize = 1_000;
const KILLS: u32 = 500;

/// The longest time after which a run is killed. A whole run of this guest takes about half as long, so that
/// every part of a run is met.
const LATEST_KILL: Duration = Duration::from_millis(1_500);

/// The kernel ends a machine whose `qa` is gone; it has this long on a busy host.
const GONE_WITHIN: Duration = Duration::from_secs(20);

#[test]
fn a_thousand_runs_hold_and_take_no_more_memory_and_no_more_handles() {
    let project = boot_sector::project("");
    let mut call = project.start(&["s", "--repeat", &RUNS.to_string(), "--no-checkpoints"]);
    let pid = call.id();
    let mut uses = Vec::new();
    while call.read_line() {
        uses.extend(Use::of(pid));
    }
    let outcome = call.wait().exits_with(0);
    let junit = outcome.file("junit.xml");
    assert!(
        junit.contains("failures=\"0\"") && junit.contains("errors=\"0\""),
        "{junit}"
    );
    // The first runs fill caches and pools. Of the rest, the first tenth is compared with the last.
    let settled = &uses[uses.len() / 10..];
    let tenth = settled.len() / 10;
    assert!(tenth > 10, "{} lines are too few to judge by", uses.len());
    let (first, last) = (&settled[..tenth], &settled[settled.len() - tenth..]);
    let (before, after) = (Use::least(first), Use::least(last));
    println!("{RUNS} runs: {before:?}, then {after:?}");
    assert!(after.handles <= before.handles + 2, "{before:?} {after:?}");
    // The results of the runs themselves are kept for the reports: some kilobytes each.
    assert!(after.kib <= before.kib + 16 * 1024, "{before:?} {after:?}");
}

#[test]
fn kills_at_random_moments_leave_nothing() {
    let project = boot_sector::project("  - serial: { absent: never, for: 300ms }\n");
    let seed = RandomState::new().build_hasher().finish();
    println!("seed {seed}");
    let mut random = seed;
    for _ in 0..KILLS {
        let moment = LATEST_KILL.mul_f64(next(&mut random));
        let signal = match (next(&mut random) * 4.0) as u32 {
            0 => Signal::INT,
            1 => Signal::TERM,
            2 => Signal::HUP,
            _ => Signal::KILL,
        };
        let call = project.start(&["s", "--quiet"]);
        thread::sleep(moment); // The moment is the fault that is tried, and waits for nothing.
        call.signal(signal);
        call.ends();
        let began = Instant::now();
        while let Some(left) = process_of(project.path()) {
            assert!(
                began.elapsed() < GONE_WITHIN,
                "after {signal:?} at {moment:?} this goes on: {left}"
            );
            thread::yield_now();
        }
    }
    let pruned = Command::new(env!("CARGO_BIN_EXE_qa-under-test"))
        .args(["cache", "prune"])
        .current_dir(project.path())
        .env("XDG_CACHE_HOME", project.path().join("cache"))
        .output()
        .unwrap();
    assert!(pruned.status.success(), "{pruned:?}");
    let left = disks(&project.path().join("qa-results"));
    assert!(left.is_empty(), "{left:?}");
    project.run(&["s"]).exits_with(0);
}

/// Memory and handles of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Use {
    kib: u64,
    handles: usize,
}

impl Use {
    /// Returns none when the process has ended.
    fn of(pid: u32) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kib = line.split_whitespace().nth(1)?.parse::<u64>().ok()?;
        let handles = fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count();
        Some(Self { kib, handles })
    }

    /// The least of each. How many machines run at a moment depends on the host, and each of them has handles of its
    /// own: a middle value would move with it. What is never given back raises the least value.
    fn least(uses: &[Self]) -> Self {
        let kib = uses.iter().map(|used| used.kib).min();
        let handles = uses.iter().map(|used| used.handles).min();
        Self {
            kib: kib.unwrap_or(0),
            handles: handles.unwrap_or(0),
        }
    }
}

/// The next number of a pseudo-random sequence, from 0 to 1 (SplitMix64).
fn next(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// The command line of a process that works in this folder, if there is one.
fn process_of(folder: &Path) -> Option<String> {
    let folder = folder.to_str().unwrap();
    fs::read_dir("/proc").unwrap().flatten().find_map(|entry| {
        let line = fs::read(entry.path().join("cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        line.contains(folder).then_some(line)
    })
}

/// The disks and firmware variables below a folder: no run leaves them behind.
fn disks(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|end| end == "qcow2" || end == "fd")
            {
                found.push(path);
            }
        }
    }
    found
}

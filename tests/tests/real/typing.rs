//! Typed text arrives, whole and in order, on a host that is busy.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use reports::{Arrival, Event};

use crate::host::{Project, repository, require_image};

/// Keeps every core of the host busy until it is dropped.
struct Load(Arc<AtomicBool>);

impl Load {
    fn new() -> Self {
        let ends = Arc::new(AtomicBool::new(false));
        let cores = thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..cores {
            let ends = Arc::clone(&ends);
            thread::spawn(move || while !ends.load(Ordering::Relaxed) {});
        }
        Self(ends)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Random characters of a US keyboard, in lines.
fn random_text(length: usize, mut seed: u64) -> String {
    let mut text = String::new();
    while text.len() < length {
        // Xorshift: any generator does.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let character = char::from(b' ' + u8::try_from(seed % 95).unwrap());
        let is_line = text.len() % 71 == 70 || text.len() + 1 == length;
        match character {
            _ if is_line => text.push('\n'),
            // Two of them begin a variable.
            '{' if text.ends_with('{') => {}
            character => text.push(character),
        }
    }
    text
}

/// Types so many characters into a file of the `console` image, through a keyboard on this bus, and compares.
pub(crate) fn arrives(input: &str, length: usize, seed: u64) {
    require_image("console");
    let root = repository();
    let project = format!(
        "scenarios: [scenarios]\nneedles: [{}]\nvars: {{ user: user, password: qa-pass }}\n\
         images: {{ console: {{ recipe: console, machine: small }} }}\n\
         machines: {{ small: {{ preset: uefi-x86_64, memory: 512M, cpus: 2, input: {input} }} }}\n",
        root.join("needles").display()
    );
    let text = random_text(length, seed);
    let scenario = format!(
        "requires: agent\nvars:\n  text: {}\nsteps:\n  - include: log-in.yaml\n  - type: \"cat > /tmp/typed\\n\"\n  \
           - type: \"{{{{ text }}}}\"\n  - press: ctrl-d\n  \
           - run: {{ command: \"sleep 1; cmp - /tmp/typed\", stdin: \"{{{{ text }}}}\" }}\n",
        serde_json::to_string(&text).unwrap()
    );
    let log_in = std::fs::read(root.join("scenarios/console-log-in.yaml")).unwrap();
    let project = Project::new(&[
        ("qa.yaml", project.as_bytes()),
        ("scenarios/typing.yaml", scenario.as_bytes()),
        ("scenarios/log-in.yaml", &log_in),
    ]);
    let load = Load::new();
    let outcome = project.run(&["typing", "--cold"]).exits_with(0);
    drop(load);
    let mut taken = 0;
    let mut longest = 0;
    for event in outcome.events() {
        match event {
            Event::Input { arrival, .. } => taken += usize::from(arrival == Some(Arrival::Taken)),
            Event::StepFinished {
                duration_ms, step, ..
            } if step == "3" => longest = duration_ms,
            _ => {}
        }
    }
    // Name, command, text and the end of the file; the password is one, too.
    assert_eq!(taken, 5);
    let rate = length as f64 * 1000.0 / longest as f64;
    println!("{length} characters through {input}: {rate:.0} a second");
}

#[test]
fn a_thousand_characters_arrive() {
    arrives("virtio", 1_000, 7);
}

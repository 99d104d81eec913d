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

/// The places in which text is typed.
#[cfg_attr(
    not(feature = "nightly"),
    expect(dead_code, reason = "only the nightly tests type on a desktop")
)]
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// The first console of `console`, whose user logs in. Its kernel knows no USB.
    Console,
    /// A console of `gnome`, which has the kernel of Debian's users.
    ConsoleOfDesktop,
    /// A terminal of the desktop of `gnome`.
    Desktop,
}

impl Place {
    fn image(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::ConsoleOfDesktop | Self::Desktop => "gnome",
        }
    }

    fn memory(self) -> &'static str {
        match self {
            Self::Console => "512M",
            Self::ConsoleOfDesktop | Self::Desktop => "3G",
        }
    }

    /// The scenario that logs in.
    fn log_in(self) -> &'static str {
        match self {
            Self::Console | Self::ConsoleOfDesktop => "console-log-in.yaml",
            Self::Desktop => "gnome-login.yaml",
        }
    }

    /// The steps up to a shell that reads keys.
    fn to_the_shell(self) -> String {
        // A window may get the keys some time after its shell runs.
        let waits = |terminal: &str| {
            format!(
                "  - run: {{ command: \"until pgrep --terminal {terminal} bash; do sleep 1; done; sleep 10\", \
                within: 5m }}\n"
            )
        };
        match self {
            Self::Console => "  - include: log-in.yaml\n".to_owned(),
            Self::ConsoleOfDesktop => format!(
                "  - see: {{ needle: gdm-user-list, within: 4m }}\n  \
                 - run: {{ command: systemctl edit --runtime --stdin getty@tty3, \
                     stdin: \"[Service]\\nExecStart=\\nExecStart=-/sbin/agetty --autologin user - linux\\n\" }}\n  \
                 - press: ctrl-alt-f3\n{}",
                waits("tty3")
            ),
            Self::Desktop => format!(
                "  - include: log-in.yaml\n  - press: super-2   # the second application of the dash\n{}",
                waits("pts/0")
            ),
        }
    }
}
/// A test of typing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Typing {
    pub place: Place,
    /// The bus of the keyboard.
    pub input: &'static str,
    pub length: usize,
    /// The number of texts, each into a file of its own.
    pub texts: u64,
}

/// Types into files of the guest while every core of the host is busy, and compares.
pub(crate) fn arrives(typing: Typing) {
    let Typing {
        place,
        input,
        length,
        texts,
    } = typing;
    require_image(place.image());
    let root = repository();
    let project = format!(
        "scenarios: [scenarios]\nneedles: [{}]\nvars: {{ user: user, password: qa-pass }}\n\
         images: {{ typed: {{ recipe: {}, machine: typed }} }}\n\
         machines: {{ typed: {{ preset: uefi-x86_64, memory: {}, cpus: 2, input: {input} }} }}\n",
        root.join("needles").display(),
        place.image(),
        place.memory(),
    );
    let mut scenario = format!(
        "image: typed\nrequires: agent\nsteps:\n{}",
        place.to_the_shell()
    );
    let before = scenario.matches("\n  - ").count();
    for seed in 1..=texts {
        let text = serde_json::to_string(&random_text(length, seed)).unwrap();
        scenario.push_str(&format!(
            "  - type: \"cat > /tmp/typed\\n\"\n  \
             - run: {{ command: \"until pgrep --exact cat; do sleep 1; done\", within: 2m }}\n  \
             - type: {{ text: {text}, within: 60m }}\n  \
             - press: ctrl-d\n  \
             - run: {{ command: \"while pgrep --exact cat; do sleep 1; done; cmp - /tmp/typed\", stdin: {text}, \
             within: 2m }}\n"
        ));
    }
    let log_in = std::fs::read_to_string(root.join("scenarios").join(place.log_in())).unwrap();
    let (_, steps) = log_in.split_once("steps:").unwrap();
    let log_in = format!("fragment: true\nsteps:{steps}");
    let project = Project::new(&[
        ("qa.yaml", project.as_bytes()),
        ("scenarios/typing.yaml", scenario.as_bytes()),
        ("scenarios/log-in.yaml", log_in.as_bytes()),
    ]);
    let load = Load::new();
    let outcome = project.run(&["typing", "--cold"]).exits_with(0);
    drop(load);
    for event in outcome.events() {
        match event {
            Event::Input {
                arrival, what, at, ..
            } => {
                assert!(
                    at.is_some() || arrival == Some(Arrival::Taken),
                    "{what}: {arrival:?}"
                );
            }
            Event::StepFinished {
                duration_ms, step, ..
            } if step
                .parse::<usize>()
                .is_ok_and(|step| step > before && (step - before) % 5 == 3) =>
            {
                let rate = length as f64 * 1000.0 / duration_ms as f64;
                println!("{length} characters on {place:?} through {input}: {rate:.0} a second");
            }
            _ => {}
        }
    }
}

#[test]
fn a_thousand_characters_arrive() {
    arrives(Typing {
        place: Place::Console,
        input: "virtio",
        length: 1_000,
        texts: 1,
    });
}

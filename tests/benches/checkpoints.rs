//! Measures what checkpoints are worth, on the reference image `gnome` and a real QEMU: `make bench`, or
//! `cargo bench -p qa-tests --bench checkpoints`.
//!
//! ```text
//! cold   qa run gnome-calculator, nothing cached: call -> the calculator's first step
//! warm   the same again, five times
//! eight  eight scenarios with one login between them, nothing cached, one machine at a time
//! forks  200 machines from one checkpoint of the image `console`, four at a time, a busy loop on each core:
//!        every one types a line of its own and reads it back
//! ```
//!
//! `-- login`, `-- eight` or `-- forks` measures one of them only.
//!
//! All in one run on one host, so that the ratios mean something on a busy one, too. `QA` names the program to measure.
//! The cache of checkpoints is one of its own; images come from the user's.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot measure has nothing better to do"
)]

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use reports::{Entry, Event, StartedFrom, Verdict};

/// What a restored desktop may take to be ready.
const READY: Duration = Duration::from_secs(2);

/// How many times faster than cold it must be.
const TIMES: f64 = 50.0;

/// How many machines start from one checkpoint.
const FORKS: usize = 200;

/// How often the warm start is measured.
const ROUNDS: usize = 5;

fn main() {
    let bench = Bench::new();
    // Cargo adds flags of its own.
    let wanted: Vec<String> = env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == part);
    if is_wanted("login") {
        desktops(&bench);
    }
    if is_wanted("eight") {
        eight(&bench);
    }
    if is_wanted("forks") {
        forks(&bench);
    }
}

/// Starts of the logged-in desktop, cold and warm.
fn desktops(bench: &Bench) {
    let cold = bench.run("cold", &["gnome-calculator"], &bench.root);
    let cold = cold.until_first_step_of("gnome-calculator");
    println!(
        "cold   ready for the first step of gnome-calculator after {}",
        seconds(cold)
    );
    let mut warm: Vec<Duration> = (1..=ROUNDS)
        .map(|round| {
            let run = bench.run(&format!("warm-{round}"), &["gnome-calculator"], &bench.root);
            run.until_first_step_of("gnome-calculator")
        })
        .collect();
    warm.sort();
    let median = warm[ROUNDS / 2];
    let all: Vec<String> = warm.iter().copied().map(seconds).collect();
    let ratio = cold.as_secs_f64() / median.as_secs_f64();
    println!(
        "warm   ready after {} (median of {})",
        seconds(median),
        all.join(", ")
    );
    println!(
        "ratio  {ratio:.0} times faster (wanted: {TIMES} and {}): {}",
        seconds(READY),
        word(median <= READY && ratio >= TIMES)
    );
}

/// Eight scenarios that share a login.
fn eight(bench: &Bench) {
    bench.forget();
    let eight = bench.project_of_eight();
    let run = bench.run("eight", &["--jobs", "1"], &eight);
    let login = run.stage("gnome-login");
    let own = run.own_steps();
    let bound = login + own.mul_f64(1.3);
    println!(
        "eight  scenarios took {}; one login {} + 1.3 x their own steps {} = {}: {}",
        seconds(run.took),
        seconds(login),
        seconds(own),
        seconds(bound),
        word(run.took < bound)
    );
}

/// Forks of one checkpoint on a loaded host.
fn forks(bench: &Bench) {
    let project = bench.project_of_lines();
    // The checkpoint first, so that what follows is forks only.
    bench.run("fork-1", &["console-line"], &project);
    let stop = Arc::new(AtomicBool::new(false));
    let loops: Vec<_> = (0..thread::available_parallelism().map_or(1, usize::from))
        .map(|_| {
            let stop = Arc::clone(&stop);
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            })
        })
        .collect();
    let count = FORKS.to_string();
    let run = bench.run(
        "forks",
        &["console-line", "--repeat", &count, "--jobs", "4"],
        &project,
    );
    stop.store(true, Ordering::Relaxed);
    for busy in loops {
        busy.join().unwrap();
    }
    let right = run.entries.iter().filter(|entry| {
        matches!(
            &entry.event,
            Event::ScenarioFinished {
                verdict: Verdict::Passed,
                ..
            }
        )
    });
    let saved = run.entries.iter().filter(|entry| {
        matches!(
            &entry.event,
            Event::ScenarioStarted {
                from: StartedFrom::Checkpoint { .. },
                ..
            }
        )
    });
    println!(
        "forks  {} of {FORKS} right, {} from the checkpoint, in {}; left behind: {:?}",
        right.count(),
        saved.count(),
        seconds(run.took),
        bench.left_behind("forks"),
    );
}

fn word(holds: bool) -> &'static str {
    if holds { "holds" } else { "does not hold" }
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

/// The program, the project, and folders of this benchmark's own.
struct Bench {
    qa: PathBuf,
    root: PathBuf,
    own: tempfile::TempDir,
}

/// A run that passed.
struct Run {
    entries: Vec<Entry>,
    /// From the call to the end of the process.
    took: Duration,
}

impl Bench {
    fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .unwrap()
            .to_owned();
        let qa = env::var_os("QA").map_or_else(|| root.join("target/release/qa"), PathBuf::from);
        let qa = std::path::absolute(qa).unwrap();
        assert!(
            qa.is_file(),
            "{} is not there: `make build` makes it",
            qa.display()
        );
        let own = tempfile::tempdir_in(root.join("target")).unwrap();
        let cache = env::var_os("XDG_CACHE_HOME")
            .map_or_else(|| env::home_dir().unwrap().join(".cache"), PathBuf::from);
        let mine = own.path().join("cache/qa");
        fs::create_dir_all(&mine).unwrap();
        symlink(cache.join("qa/images"), mine.join("images")).unwrap();
        Self { qa, root, own }
    }

    fn run(&self, name: &str, args: &[&str], project: &Path) -> Run {
        let results = self.own.path().join(name);
        let began = Instant::now();
        let output = Command::new(&self.qa)
            .args(["run", "--warm", "--quiet", "--project"])
            .arg(project)
            .arg("--results")
            .arg(&results)
            .args(args)
            .env("XDG_CACHE_HOME", self.own.path().join("cache"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let took = began.elapsed();
        let said = String::from_utf8_lossy(&output.stdout);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{name}: {}\n{said}{told}",
            output.status
        );
        let log = fs::read_to_string(results.join("latest/events.jsonl")).unwrap();
        let entries = log.lines().map(|line| serde_json::from_str(line).unwrap());
        Run {
            entries: entries.collect(),
            took,
        }
    }

    /// Empties the cache.
    fn forget(&self) {
        let pruned = Command::new(&self.qa)
            .args(["cache", "prune", "--all"])
            .env("XDG_CACHE_HOME", self.own.path().join("cache"))
            .output()
            .unwrap();
        assert!(pruned.status.success(), "{pruned:?}");
    }

    /// Files of machines in the results of a run, and drafts in the cache: there should be none.
    fn left_behind(&self, name: &str) -> Vec<PathBuf> {
        let mut open = vec![
            self.own.path().join(name),
            self.own.path().join("cache/qa/checkpoints"),
        ];
        let mut left = Vec::new();
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let name = entry.file_name().to_string_lossy().into_owned();
                let is_result = entry.path().starts_with(self.own.path().join("forks"));
                if entry.file_type().unwrap().is_dir() {
                    if name.starts_with(".draft") || name.starts_with(".gone") {
                        left.push(entry.path());
                    }
                    open.push(entry.path());
                } else if is_result && (name.ends_with(".qcow2") || name.ends_with(".raw")) {
                    left.push(entry.path());
                }
            }
        }
        left
    }

    /// A project with one scenario that types a line and reads it back.
    fn project_of_lines(&self) -> PathBuf {
        let project = self.own.path().join("lines");
        fs::create_dir_all(project.join("scenarios")).unwrap();
        for link in ["needles", "vm"] {
            symlink(self.root.join(link), project.join(link)).unwrap();
        }
        fs::write(project.join("qa.yaml"), self.project_file()).unwrap();
        let login = "scenarios/console-login.yaml";
        fs::copy(self.root.join(login), project.join(login)).unwrap();
        let text = r#"title: A line is read back
after: console-login
requires: agent
steps:
  - type: "echo line number {{ attempt }} of its own > /tmp/line && touch /tmp/done\n"
  - run:
      command: "for i in $(seq 600); do test -e /tmp/done && break; sleep 0.1; done; cat /tmp/line"
      output: '^line number {{ attempt }} of its own$'
"#;
        fs::write(project.join("scenarios/console-line.yaml"), text).unwrap();
        project
    }

    /// The shipped project without its matrices, which come last and name scenarios that are not in a part of it.
    fn project_file(&self) -> String {
        let file = fs::read_to_string(self.root.join("qa.yaml")).unwrap();
        let (file, _) = file.split_once("\nmatrix:").unwrap();
        file.to_owned()
    }

    /// A project whose scenarios all start where the login ends: each one of the shipped ones, or a part of it.
    fn project_of_eight(&self) -> PathBuf {
        let project = self.own.path().join("project");
        fs::create_dir_all(project.join("scenarios")).unwrap();
        for link in ["needles", "vm"] {
            symlink(self.root.join(link), project.join(link)).unwrap();
        }
        fs::write(project.join("qa.yaml"), self.project_file()).unwrap();
        for name in [
            "gnome-login",
            "gnome-calculator",
            "gnome-text-editor",
            "gnome-logout",
        ] {
            let file = format!("scenarios/{name}.yaml");
            fs::copy(self.root.join(&file), project.join(&file)).unwrap();
        }
        let search =
            "  - press: { keys: super, until: gnome-overview-search, every: 15s, within: 60s }\n";
        for (name, steps) in [
            ("search", String::new()),
            (
                "search-calculator",
                "  - type: calc\n  - see: app-calculator\n".to_owned(),
            ),
            (
                "search-editor",
                "  - type: text editor\n  - see: app-text-editor\n".to_owned(),
            ),
            (
                "start-calculator",
                "  - type: calc\n  - click: { needle: app-calculator, until: calculator-window }\n"
                    .to_owned(),
            ),
        ] {
            let text = format!(
                "title: Part of another, {name}\nafter: gnome-login\nsteps:\n{search}{steps}"
            );
            fs::write(project.join(format!("scenarios/{name}.yaml")), text).unwrap();
        }
        project
    }
}

impl Run {
    /// From the call to the first step of the scenario itself.
    fn until_first_step_of(&self, wanted: &str) -> Duration {
        let first = self.entries.iter().find(
            |entry| matches!(&entry.event, Event::StepStarted { stage, .. } if stage == wanted),
        );
        let at = Duration::from_millis(first.expect("the step began").envelope.at_ms);
        at + self.before_the_log()
    }

    /// What the process took beside what the log covers: reading the project before, writing reports after.
    fn before_the_log(&self) -> Duration {
        let logged = self.entries.iter().map(|entry| entry.envelope.at_ms).max();
        self.took
            .saturating_sub(Duration::from_millis(logged.unwrap_or(0)))
    }

    /// How long a stage took from the start of its machine to the end of its last step.
    fn stage(&self, wanted: &str) -> Duration {
        let ends = self.entries.iter().filter_map(|entry| match &entry.event {
            Event::StepFinished { stage, .. } if stage == wanted => Some(entry.envelope.at_ms),
            _ => None,
        });
        Duration::from_millis(ends.max().expect("the stage ran"))
    }

    /// The steps of all scenarios but the login, without those inside others.
    fn own_steps(&self) -> Duration {
        let own = self.entries.iter().filter_map(|entry| match &entry.event {
            Event::StepFinished {
                stage,
                step,
                duration_ms,
                ..
            } if stage != "gnome-login" && !step.contains('.') => Some(*duration_ms),
            _ => None,
        });
        Duration::from_millis(own.sum())
    }
}

//! `qa` as the user of this host calls it, in a project folder of the test's own.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use reports::{Cause, Entry, Event, Evidence, Verdict};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap()
}

/// Where the host's user keeps images.
fn images() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(
        || std::env::home_dir().unwrap().join(".cache"),
        PathBuf::from,
    );
    cache.join("qa/images")
}

/// No call takes as long, on a starved host neither. One that hangs is stopped and says where it stood, before it
/// costs what comes after it.
const LONGEST: Duration = Duration::from_secs(45 * 60);

/// A folder with a project in it, gone with the last who knows it.
#[derive(Debug)]
pub(crate) struct Project {
    dir: Arc<TempDir>,
    env: Vec<(String, String)>,
}

/// A call of `qa` that goes on.
#[derive(Debug)]
pub(crate) struct Call {
    child: Child,
    dir: Arc<TempDir>,
    talk: BufReader<std::process::ChildStderr>,
    /// Gone with the call: whoever would stop it need not.
    _ended: mpsc::Sender<()>,
}

/// What a call came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: i32,
    pub(crate) folder: PathBuf,
    _dir: Arc<TempDir>,
}

impl Project {
    pub(crate) fn new(files: &[(&str, &[u8])]) -> Self {
        require("qemu-system-x86_64");
        require("qemu-img");
        let dir = tempfile::Builder::new()
            .prefix("qa-real-")
            .tempdir()
            .unwrap();
        for (path, content) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        // Checkpoints of the project's own: those of the host's user are none of a test's business.
        let cache = dir.path().join("cache/qa");
        fs::create_dir_all(&cache).unwrap();
        symlink(images(), cache.join("images")).unwrap();
        Self {
            dir: Arc::new(dir),
            env: Vec::new(),
        }
    }

    /// The repository's project as it is, matrices and all; results go to the test's own folder.
    pub(crate) fn shipped() -> Self {
        Self::shipped_as(&fs::read_to_string(repository().join("qa.yaml")).unwrap())
    }

    /// The repository's project with another project file.
    pub(crate) fn shipped_as(file: &str) -> Self {
        let root = repository();
        let mut file = file.to_owned();
        for folder in ["scenarios", "needles"] {
            let (here, there) = (
                format!("{folder}: [{folder}]\n"),
                format!("{folder}: [{}]\n", root.join(folder).display()),
            );
            assert!(file.contains(&here), "{file}");
            file = file.replacen(&here, &there, 1);
        }
        Self::new(&[("qa.yaml", file.as_bytes())])
    }

    /// The same with an environment variable.
    pub(crate) fn with_env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Starts `qa run` in the project.
    pub(crate) fn start(&self, args: &[&str]) -> Call {
        self.start_with(Command::new(env!("CARGO_BIN_EXE_qa-under-test")), args)
    }

    /// The same through another program, which gets the path of `qa` and its arguments.
    pub(crate) fn start_through(&self, program: &str, before: &[&str], args: &[&str]) -> Call {
        let mut command = Command::new(program);
        command
            .args(before)
            .arg(env!("CARGO_BIN_EXE_qa-under-test"));
        self.start_with(command, args)
    }

    fn start_with(&self, mut command: Command, args: &[&str]) -> Call {
        command
            .arg("run")
            .args(args)
            .current_dir(self.path())
            .env("NO_COLOR", "1")
            .env("XDG_CACHE_HOME", self.path().join("cache"))
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stderr(Stdio::piped());
        println!("{command:?}");
        let mut child = command.spawn().unwrap();
        let talk = BufReader::new(child.stderr.take().unwrap());
        let dir = Arc::clone(&self.dir);
        let pid = Pid::from_child(&child);
        let (ended, ends) = mpsc::channel();
        thread::spawn(move || {
            if ends.recv_timeout(LONGEST) == Err(RecvTimeoutError::Timeout) {
                println!("  this has taken {LONGEST:?} and is stopped");
                let _ = kill_process(pid, Signal::INT); // It may just have ended.
            }
        });
        Call {
            child,
            dir,
            talk,
            _ended: ended,
        }
    }

    /// Runs another command of `qa` in the project.
    #[cfg(feature = "nightly")]
    pub(crate) fn qa(&self, args: &[&str]) -> std::process::Output {
        Command::new(env!("CARGO_BIN_EXE_qa-under-test"))
            .args(args)
            .current_dir(self.path())
            .env("NO_COLOR", "1")
            .env("XDG_CACHE_HOME", self.path().join("cache"))
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .output()
            .unwrap()
    }

    /// Runs it to its end: once more where the kernel of a guest crashed, which an emulated one does now and then, and
    /// which says nothing of `qa`.
    pub(crate) fn run(&self, args: &[&str]) -> Outcome {
        let outcome = self.start(args).wait();
        let crash = outcome.kernel_crash();
        if crash.is_empty() {
            return outcome;
        }
        println!("a guest's kernel crashed; once more, after what it said:");
        crash.iter().for_each(|line| println!("  {line}"));
        self.start(args).wait()
    }
}

impl Call {
    /// Reads on until `qa` says this.
    pub(crate) fn read_until(&mut self, part: &str) {
        let mut line = String::new();
        while self.talk.read_line(&mut line).unwrap() > 0 {
            print!("  {line}");
            if line.contains(part) {
                return;
            }
            line.clear();
        }
        panic!("qa ended without saying `{part}`");
    }

    /// The process id of `qa`.
    #[cfg(feature = "nightly")]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Reads the next line of what `qa` says; false at the end.
    #[cfg(feature = "nightly")]
    pub(crate) fn read_line(&mut self) -> bool {
        let mut line = String::new();
        self.talk.read_line(&mut line).unwrap() > 0
    }

    /// Waits for the end of a call that a signal may have ended, and that may have left no run.
    #[cfg(feature = "nightly")]
    pub(crate) fn ends(mut self) {
        let mut said = String::new();
        std::io::Read::read_to_string(&mut self.talk, &mut said).unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Returns what `qmp.log` of the run has now.
    fn log(&self) -> String {
        let runs = fs::read_dir(self.dir.path().join("qa-results")).unwrap();
        let folders = runs.flat_map(|run| fs::read_dir(run.unwrap().path()).into_iter().flatten());
        let logs =
            folders.filter_map(|folder| fs::read(folder.unwrap().path().join("qmp.log")).ok());
        logs.map(|log| String::from_utf8_lossy(&log).into_owned())
            .collect()
    }

    /// Waits until `qmp.log` has this.
    pub(crate) fn awaits_log(&self, part: &str) {
        let begun = std::time::Instant::now();
        while !self.log().contains(part) {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "no `{part}` came"
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends a signal to a process of the machine by what `qmp.log` calls it.
    pub(crate) fn signal_logged(&self, name: &str, signal: Signal) {
        let log = self.log();
        let line = log
            .lines()
            .find(|line| line.contains(name) && line.contains("has process id "));
        let pid = line.and_then(|line| line.rsplit(' ').next()?.parse().ok());
        kill_process(pid.and_then(Pid::from_raw).unwrap(), signal).unwrap();
    }

    /// Waits for the end; every machine must be gone then.
    pub(crate) fn wait(mut self) -> Outcome {
        let mut line = String::new();
        while self.talk.read_line(&mut line).unwrap() > 0 {
            print!("  {line}");
            line.clear();
        }
        let status = self
            .child
            .wait()
            .unwrap()
            .code()
            .unwrap_or_else(|| panic!("qa was ended by a signal"));
        let latest = self.dir.path().join("qa-results/latest");
        let folder = latest.canonicalize().unwrap_or_else(|_| {
            panic!("qa exited with {status} and left no run; what it said is above")
        });
        let place = self.dir.path().to_string_lossy().into_owned();
        let outcome = Outcome {
            status,
            folder,
            _dir: self.dir,
        };
        for pid in outcome.machines() {
            // Another process may have got the number since: a thousand runs use up all that there are.
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let is_left = String::from_utf8_lossy(&line).contains(&place);
            assert!(!is_left, "QEMU {pid} is left running");
        }
        outcome
    }
}

impl Outcome {
    /// The process ids of the machines, as `qmp.log` has them.
    pub(crate) fn machines(&self) -> Vec<u32> {
        let mut pids = Vec::new();
        for folder in fs::read_dir(&self.folder).unwrap() {
            let log = fs::read(folder.unwrap().path().join("qmp.log")).unwrap_or_default();
            let log = String::from_utf8_lossy(&log).into_owned();
            let found = log.split("has process id ").skip(1);
            pids.extend(
                found.filter_map(|rest| rest.split_whitespace().next()?.parse::<u32>().ok()),
            );
        }
        pids
    }

    pub(crate) fn file(&self, path: &str) -> String {
        let path = self.folder.join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        let log = self.file("events.jsonl");
        // A disk that was full may have cut the last line.
        log.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        let entries = self.entries().into_iter();
        entries.map(|entry| entry.event).collect()
    }

    /// Checks that a fault came to what its row in the table of faults says.
    #[track_caller]
    pub(crate) fn shows(&self, fault: &str) {
        let log = self.file("events.jsonl");
        let entries = log
            .lines()
            .map_while(|line| serde_json::from_str(line).ok());
        let entries: Vec<Entry> = entries.collect();
        let observed = qa_tests::Observed {
            entries: &entries,
            said: "",
            status: Some(self.status),
            took: Duration::ZERO,
            env: &[],
        };
        observed.shows(fault);
    }

    pub(crate) fn verdict(&self, name: &str) -> (Verdict, Option<Cause>) {
        let judged = self.entries().into_iter().find_map(|entry| {
            let is_its = entry.scenario() == Some(name);
            match entry.event {
                Event::ScenarioFinished { verdict, cause, .. } if is_its => Some((verdict, cause)),
                _ => None,
            }
        });
        judged.unwrap_or_else(|| panic!("`{name}` was not judged"))
    }

    /// The watches of a scenario that could not look, with their reasons.
    pub(crate) fn not_watched(&self, name: &str) -> Vec<(String, String)> {
        let finding = |entry: Entry| {
            let is_its = entry.scenario() == Some(name);
            match entry.event {
                Event::NotWatched { watch, reason, .. } if is_its => Some((watch, reason)),
                _ => None,
            }
        };
        self.entries().into_iter().filter_map(finding).collect()
    }

    /// What the kernel of a guest said when it crashed.
    fn kernel_crash(&self) -> Vec<String> {
        let crash = self.events().into_iter().find_map(|event| match event {
            Event::StepFinished { evidence, .. } if !evidence.kernel_crash.is_empty() => {
                Some(evidence.kernel_crash)
            }
            _ => None,
        });
        crash.unwrap_or_default()
    }

    pub(crate) fn last_evidence(&self) -> Evidence {
        let ended = self
            .events()
            .into_iter()
            .rev()
            .find_map(|event| match event {
                Event::StepFinished { evidence, .. } => Some(evidence),
                _ => None,
            });
        ended.unwrap_or_else(|| panic!("no step ended"))
    }

    /// Fails with the whole of what is known unless the status is this.
    #[track_caller]
    pub(crate) fn exits_with(self, status: i32) -> Self {
        if self.status != status {
            let kept = self.keep();
            panic!(
                "qa exited with {}, expected {status}; the run is kept in {}",
                self.status,
                kept.display()
            );
        }
        self
    }

    /// Copies the run to where it outlives the test.
    fn keep(&self) -> PathBuf {
        let name = format!("real-{}", std::process::id());
        let kept = repository().join("target").join(name);
        let copied = Command::new("cp")
            .arg("-r")
            .arg(&self.folder)
            .arg(&kept)
            .status()
            .unwrap();
        assert!(copied.success());
        kept
    }
}

/// Fails unless a program is in PATH.
pub(crate) fn require(program: &str) {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    assert!(
        found,
        "there is no `{program}` here; `make real` installs it, or `target/release/qa doctor --install`"
    );
}

/// Fails unless a reference image is built from its present recipe.
pub(crate) fn require_image(name: &str) {
    let output = Command::new(env!("CARGO_BIN_EXE_qa-under-test"))
        .args(["image", "list", "--format", "json"])
        .current_dir(repository())
        .output()
        .unwrap();
    let list = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = list
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let built = lines
        .into_iter()
        .any(|image| image["name"] == name && !image["built"].is_null());
    assert!(
        built,
        "image `{name}` is not built; `make real` builds it, or `target/release/qa image build {name}`\n{list}"
    );
}

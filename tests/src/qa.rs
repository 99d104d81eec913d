use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use tempfile::TempDir;

use crate::{Badge, Fake, Outcome, Screen, Script, boot_disk, running::Running};

/// The programs under test, as cargo built them.
#[derive(Debug, Clone, Copy)]
pub struct Programs {
    /// `qa`.
    pub qa: &'static str,
    /// The fake QEMU.
    pub fake_qemu: &'static str,
}

/// A project, a machine and a call of `qa`, with what must come of it.
///
/// Files are written as they are named; a project file and a bootable `disk.img` are there without being named. What a
/// stream must say is checked by [`exit_code`](Self::exit_code): a stream of which nothing was said must be empty,
/// except for the progress and the summary of `qa run`.
#[derive(Debug)]
#[must_use]
pub struct Qa {
    pub(crate) place: Arc<Place>,
    pub(crate) args: Vec<String>,
    pub(crate) expected: Expected,
    fake: Option<Fake>,
    pub(crate) env: Vec<(String, String)>,
    stdin: Option<String>,
    shown_to: ShownTo,
    folder: PathBuf,
    /// Whether it ends without clearing up.
    pub(crate) is_abandoned: bool,
}

/// The reader of what `qa` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownTo {
    /// The test.
    Test,
    /// Nobody reads what is printed any more, as after `qa list | head -1`.
    NobodyOut,
    /// Nobody reads anything any more, as when the terminal was closed.
    Nobody,
    /// The output goes to a disk that is full.
    FullDisk,
}

impl ShownTo {
    fn streams(self) -> [Stdio; 2] {
        // Its reading end is closed at once.
        let closed = || Stdio::from(std::io::pipe().unwrap().1);
        match self {
            Self::Test => [Stdio::piped(), Stdio::piped()],
            Self::NobodyOut => [closed(), Stdio::piped()],
            Self::Nobody => [closed(), closed()],
            Self::FullDisk => {
                let full = fs::File::options().write(true).open("/dev/full").unwrap();
                [Stdio::from(full), Stdio::piped()]
            }
        }
    }
}

/// The folder of a test; gone with the last who knows it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) dir: TempDir,
    pub(crate) programs: Programs,
    calls: AtomicU32,
    /// Calls that have begun and not ended.
    pub(crate) running: AtomicU32,
    /// What calls have left behind that were killed.
    pub(crate) abandoned: Mutex<Vec<PathBuf>>,
}

/// What the streams must say.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    pub(crate) stdout: Stream,
    pub(crate) stderr: Stream,
}

/// What a stream must say.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    pub(crate) exactly: Option<String>,
    pub(crate) parts: Vec<String>,
    pub(crate) free: bool,
}

/// The project file of a test that names none.
const PROJECT: &str = "\
scenarios: [scenarios]
needles: [needles]
images:
  disk: { path: disk.img, machine: pc }
machines:
  pc: { preset: bios-x86_64, accel: tcg, memory: 64M }
";

impl Place {
    fn new(programs: Programs) -> Self {
        let dir = tempfile::Builder::new()
            .prefix("qa-test-")
            .tempdir()
            .unwrap();
        for folder in [
            "home",
            "tmp",
            "bin",
            "run",
            "proc",
            "project/scenarios",
            "project/needles",
        ] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        Self {
            dir,
            programs,
            calls: AtomicU32::new(0),
            running: AtomicU32::new(0),
            abandoned: Mutex::default(),
        }
    }

    pub(crate) fn project(&self) -> PathBuf {
        self.dir.path().join("project")
    }

    /// The folders of all checkpoints, in the order of their keys.
    pub(crate) fn checkpoints(&self) -> Vec<PathBuf> {
        let mut folders = self.cached();
        folders.retain(|folder| {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            name.len() == 64 && !name.starts_with('.')
        });
        folders.sort();
        folders
    }

    /// Everything in the store of checkpoints.
    fn cached(&self) -> Vec<PathBuf> {
        let store = self.dir.path().join("home/.cache/qa/checkpoints");
        let entries = fs::read_dir(store).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// Files that no run leaves behind: drafts, disks, temporary ones.
    pub(crate) fn leftovers(&self) -> Vec<PathBuf> {
        let mut left = self.cached();
        left.retain(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(".draft-") || name.starts_with(".gone-")
        });
        let list = |folder: &Path| -> Vec<PathBuf> {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| entry.path()).collect()
        };
        left.extend(list(&self.dir.path().join("tmp")));
        for run in list(&self.project().join("qa-results")) {
            if run.is_symlink() {
                continue; // The newest one, once more.
            }
            for file in list(&run).iter().flat_map(|scenario| list(scenario)) {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                if name.ends_with(".qcow2") || name.starts_with("firmware-variables") {
                    left.push(file);
                }
            }
        }
        left
    }
}

impl Qa {
    /// An empty project with a machine that does nothing.
    pub fn new(programs: Programs) -> Self {
        let place = Arc::new(Place::new(programs));
        for program in ["qemu-system-x86_64", "qemu-img"] {
            symlink(
                programs.fake_qemu,
                place.dir.path().join("bin").join(program),
            )
            .unwrap();
        }
        let qa = Self::at(place);
        qa.file("disk.img", boot_disk()).file("qa.yaml", PROJECT)
    }

    /// Another call in a folder that is there.
    pub(crate) fn at(place: Arc<Place>) -> Self {
        Self {
            folder: place.project(),
            place,
            args: Vec::new(),
            expected: Expected::default(),
            fake: Some(Fake::new()),
            env: Vec::new(),
            stdin: None,
            shown_to: ShownTo::Test,
            is_abandoned: false,
        }
    }

    /// Another call in the same folder, with the same machine.
    pub fn beside(&self) -> Self {
        Self {
            fake: self.fake.clone(),
            ..Self::at(Arc::clone(&self.place))
        }
    }

    /// The folder of the project.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.place.project()
    }

    /// Writes a file of the project.
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.place.project().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// Writes a file below the home folder.
    pub fn home_file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.place.dir.path().join("home").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// Replaces the project file.
    pub fn project(self, yaml: &str) -> Self {
        self.file("qa.yaml", yaml)
    }

    /// Adds to the project file.
    pub fn project_also(self, yaml: &str) -> Self {
        self.project(&format!("{PROJECT}{yaml}"))
    }

    /// There is no project file.
    pub fn without_project(self) -> Self {
        fs::remove_file(self.place.project().join("qa.yaml")).unwrap();
        self
    }

    /// A scenario with this text.
    pub fn scenario(self, name: &str, yaml: &str) -> Self {
        self.file(&format!("scenarios/{name}.yaml"), yaml)
    }

    /// A scenario of these steps, one a line, on the image of the project.
    pub fn steps(self, name: &str, steps: &str) -> Self {
        let steps: String = steps.lines().map(|line| format!("  {line}\n")).collect();
        self.scenario(name, &format!("image: disk\nsteps:\n{steps}"))
    }

    /// A needle for the badge of each word, at its usual place, with the word as its tag.
    pub fn needles<'a>(mut self, words: impl IntoIterator<Item = &'a str>) -> Self {
        for word in words {
            self = self.needle(&Badge::of(word));
        }
        self
    }

    /// A needle for a badge.
    pub fn needle(self, badge: &Badge) -> Self {
        let Badge { word, x, y } = badge;
        let json = badge.needle().to_string();
        self.file(&format!("needles/{word}.json"), json).file(
            &format!("needles/{word}.png"),
            Screen::empty().badge(word, *x, *y).png(),
        )
    }

    /// What QEMU is.
    pub fn machine(mut self, fake: Fake) -> Self {
        self.fake = Some(fake);
        self
    }

    /// A program is not installed.
    pub fn without_program(self, name: &str) -> Self {
        fs::remove_file(self.place.dir.path().join("bin").join(name)).unwrap();
        self
    }

    /// A QEMU for this architecture is installed, too.
    pub fn also_qemu(self, arch: &str) -> Self {
        let bin = self.place.dir.path().join("bin");
        let path = bin.join(format!("qemu-system-{arch}"));
        if !path.exists() {
            symlink(self.place.programs.fake_qemu, path).unwrap();
        }
        self
    }

    /// A program that is a shell script.
    pub fn program(self, name: &str, script: &str) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let path = self.place.dir.path().join("bin").join(name);
        let _ = fs::remove_file(&path); // It may not have been there.
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// An environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// What is typed at the terminal's place; nothing unless said.
    pub fn stdin(mut self, text: &str) -> Self {
        self.stdin = Some(text.to_owned());
        self
    }

    /// Lets its output go elsewhere than to the test.
    pub fn shown_to(mut self, whom: ShownTo) -> Self {
        self.shown_to = whom;
        self
    }

    /// Starts in this folder of the project.
    pub fn inside(mut self, folder: &str) -> Self {
        self.folder = self.folder.join(folder);
        self
    }

    /// What is typed after `qa`.
    pub fn args<'a>(mut self, args: impl IntoIterator<Item = &'a str>) -> Self {
        self.args.extend(args.into_iter().map(str::to_owned));
        self
    }

    /// All that stdout must say. Times, the folder of the test and names of runs are written `[time]`, `[dir]`,
    /// `[run]`.
    pub fn stdout(mut self, exactly: &str) -> Self {
        self.expected.stdout.exactly = Some(exactly.to_owned());
        self
    }

    /// All that stderr must say, as for stdout.
    pub fn stderr(mut self, exactly: &str) -> Self {
        self.expected.stderr.exactly = Some(exactly.to_owned());
        self
    }

    /// Something that stdout must say.
    pub fn stdout_has(mut self, part: &str) -> Self {
        self.expected.stdout.parts.push(part.to_owned());
        self
    }

    /// Something that stderr must say.
    pub fn stderr_has(mut self, part: &str) -> Self {
        self.expected.stderr.parts.push(part.to_owned());
        self
    }

    /// What stdout says is looked at by the test itself.
    pub fn any_stdout(mut self) -> Self {
        self.expected.stdout.free = true;
        self
    }

    /// It ends at once, and leaves files behind.
    pub fn abandons_files(mut self) -> Self {
        self.is_abandoned = true;
        self
    }

    /// What stderr says is looked at by the test itself.
    pub fn any_stderr(mut self) -> Self {
        self.expected.stderr.free = true;
        self
    }

    /// Starts `qa`.
    pub fn start(mut self) -> Running {
        // The progress and the summary of a run differ with every run; tests look at its event log.
        let is_run = |command: &String| command == "run" || command == "resume";
        if self.args.first().is_some_and(is_run) {
            self.expected.stdout.free = true;
            self.expected.stderr.free = true;
        }
        let root = self.place.dir.path();
        let call = self.place.calls.fetch_add(1, Ordering::Relaxed);
        let folder = root.join(format!("machine-{call}"));
        let journal = folder.join("journal.jsonl");
        let script = self
            .fake
            .take()
            .unwrap_or_default()
            .write(&folder, &journal);
        let stdin = match &self.stdin {
            Some(text) => {
                let file = folder.join("stdin");
                fs::write(&file, text).unwrap();
                Stdio::from(fs::File::open(file).unwrap())
            }
            None => Stdio::null(),
        };
        let mut command = Command::new(self.place.programs.qa);
        command
            .args(&self.args)
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", root.join("bin"))
            .env("HOME", root.join("home"))
            .env("XDG_CONFIG_HOME", root.join("home/.config"))
            .env("XDG_CACHE_HOME", root.join("home/.cache"))
            .env("XDG_RUNTIME_DIR", root.join("run"))
            .env("TMPDIR", root.join("tmp"))
            .env("LANG", "C.UTF-8")
            .env("NO_COLOR", "1")
            .env(Script::VARIABLE, script)
            .env(Script::PROC, root.join("proc"))
            // The fake QEMU is told what to do in them, and where what is being saved is.
            .env(
                "QA_QEMU_ENV",
                format!("{},{},XDG_CACHE_HOME", Script::VARIABLE, Script::PROC),
            )
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(stdin);
        let [stdout, stderr] = self.shown_to.streams();
        command.stdout(stdout).stderr(stderr);
        Running::start(self, command, &journal)
    }

    /// Runs `qa` and checks what it says and its exit status.
    ///
    /// # Panics
    /// When anything differs from what was expected, when the machine was used in a way that QEMU would not take, and
    /// when a machine is left running.
    #[track_caller]
    pub fn exit_code(self, code: i32) -> Outcome {
        self.start().exit_code(code)
    }

    /// Runs `qa`, whatever its exit status: the test looks at what it said.
    ///
    /// # Panics
    /// As [`exit_code`](Self::exit_code), but for the status.
    #[track_caller]
    pub fn any_exit_code(self) -> Outcome {
        self.start().any_exit_code()
    }

    /// The files of the project, for a failure's sake.
    pub(crate) fn project_files(root: &Path) -> String {
        let mut text = String::new();
        for folder in [root.to_owned(), root.join("scenarios")] {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
            paths.sort();
            for path in paths
                .iter()
                .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
            {
                let content = fs::read_to_string(path).unwrap_or_default();
                text.push_str(&format!("--- {}\n{content}", path.display()));
            }
        }
        text
    }
}

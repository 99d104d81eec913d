use std::{
    fs,
    io::Read,
    mem::MaybeUninit,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
    sync::{
        atomic::Ordering,
        mpsc::{Receiver, channel},
    },
    thread,
    time::{Duration, Instant},
};

use regex::Regex;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::inotify,
    process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open, pidfd_send_signal},
};

use crate::{Entry, Journal, Outcome, Qa, outcome::End, qa::Stream};

/// How long a call may take before the test gives up on it: far more than any needs.
const PATIENCE: Duration = Duration::from_secs(120);

/// A call of `qa` that goes on.
#[derive(Debug)]
#[must_use]
pub struct Running {
    qa: Qa,
    child: Child,
    shown: String,
    journal: PathBuf,
    began: Instant,
    streams: [Receiver<Vec<u8>>; 2],
}

impl Running {
    pub(crate) fn start(qa: Qa, mut command: Command, journal: &Path) -> Self {
        let shown = format!("{command:?}");
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{shown}: {error}"));
        qa.place.running.fetch_add(1, Ordering::Relaxed);
        let stdout = child.stdout.take();
        let stderr = child.stderr.take();
        Self {
            qa,
            child,
            shown,
            journal: journal.to_owned(),
            began: Instant::now(),
            streams: [drain(stdout), drain(stderr)],
        }
    }

    /// Another call in the same folder.
    pub fn beside(&self) -> Qa {
        Qa::at(std::sync::Arc::clone(&self.qa.place))
    }

    /// Sends `qa` a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
    }

    /// Sends the machine that started last a signal.
    pub fn signal_machine(&self, signal: Signal) {
        let pids = Journal::read(&self.journal).pids();
        let pid = pids
            .last()
            .and_then(|pid| Pid::from_raw(i32::try_from(*pid).ok()?));
        kill_process(pid.unwrap(), signal).unwrap();
    }

    /// Waits until the machine's journal has such an entry.
    ///
    /// # Panics
    /// When `qa` ends before.
    #[track_caller]
    pub fn reaches(&mut self, reached: impl Fn(&Entry) -> bool) {
        self.has_done(|entries| entries.iter().any(&reached));
    }

    /// Waits until what the machine's journal has is enough.
    ///
    /// # Panics
    /// When `qa` ends before.
    #[track_caller]
    pub fn has_done(&mut self, enough: impl Fn(&[Entry]) -> bool) {
        // The folder is there, the file need not be.
        let changes = inotify::init(inotify::CreateFlags::CLOEXEC).unwrap();
        let folder = self.journal.parent().unwrap();
        let flags = inotify::WatchFlags::CREATE | inotify::WatchFlags::MODIFY;
        inotify::add_watch(&changes, folder, flags).unwrap();
        let ended = pidfd_open(Pid::from_child(&self.child), PidfdFlags::empty()).unwrap();
        let mut buffer = [MaybeUninit::uninit(); 4096];
        while !enough(Journal::read(&self.journal).entries()) {
            let mut sources = [
                PollFd::new(&changes, PollFlags::IN),
                PollFd::new(&ended, PollFlags::IN),
            ];
            poll(&mut sources, None).unwrap();
            let has_ended = !sources[1].revents().is_empty();
            assert!(!has_ended, "{} ended before", self.shown);
            inotify::Reader::new(&changes, &mut buffer).next().unwrap();
        }
    }

    /// Tells the machines of this call something: see [`Trigger::Told`](crate::Trigger::Told).
    pub fn tell(&self, what: &str) {
        let (by, what) = (std::process::id(), what.to_owned());
        Journal::add(&self.journal, &Entry::Told { by, what });
    }

    /// Waits for its end, and checks what it says and its exit status.
    ///
    /// # Panics
    /// As [`Qa::exit_code`].
    #[track_caller]
    pub fn exit_code(self, code: i32) -> Outcome {
        self.ends(
            |status| status.code() == Some(code),
            &format!("exit status {code}"),
        )
    }

    /// Waits for its end, whatever its exit status.
    ///
    /// # Panics
    /// As [`Qa::exit_code`], but for the status.
    #[track_caller]
    pub fn any_exit_code(self) -> Outcome {
        self.ends(|status| status.code().is_some(), "an exit status")
    }

    /// Waits for its end by this signal.
    ///
    /// # Panics
    /// As [`Qa::exit_code`].
    #[track_caller]
    pub fn ended_by(self, signal: Signal) -> Outcome {
        use std::os::unix::process::ExitStatusExt;
        self.ends(
            |status| status.signal() == Some(signal.as_raw()),
            &format!("end by signal {}", signal.as_raw()),
        )
    }

    #[track_caller]
    fn ends(mut self, as_expected: impl Fn(ExitStatus) -> bool, wanted: &str) -> Outcome {
        let mut wrong = Vec::new();
        let mut said = [String::new(), String::new()];
        for (stream, text) in self.streams.iter().zip(&mut said) {
            match stream.recv_timeout(PATIENCE) {
                Ok(bytes) => *text = String::from_utf8_lossy(&bytes).into_owned(),
                Err(_) => {
                    wrong.push(format!("qa still ran after {} s", PATIENCE.as_secs()));
                    self.child.kill().unwrap();
                    *text =
                        String::from_utf8_lossy(&stream.recv().unwrap_or_default()).into_owned();
                }
            }
        }
        // Where nobody reads what it says, this is the first that waits.
        let pid = Pid::from_child(&self.child);
        if let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) {
            let limit = Timespec {
                tv_sec: PATIENCE.as_secs().cast_signed(),
                tv_nsec: 0,
            };
            let ended = poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&limit));
            if !ended.is_ok_and(|ready| ready > 0) {
                wrong.push(format!("qa still ran after {} s", PATIENCE.as_secs()));
                self.child.kill().unwrap();
            }
        }
        let status = self.child.wait().unwrap();
        let end = End {
            status: status.code(),
            took: self.began.elapsed(),
            env: std::mem::take(&mut self.qa.env),
        };
        if !as_expected(status) {
            wrong.push(format!("{status}, expected {wanted}"));
        }
        let root = self.qa.place.dir.path().to_owned();
        let [stdout, stderr] = said.map(|text| neutral(&text, &root));
        check(&mut wrong, "stdout", &stdout, &self.qa.expected.stdout);
        check(&mut wrong, "stderr", &stderr, &self.qa.expected.stderr);
        if stderr.contains("panicked at") {
            wrong.push("qa panicked".to_owned());
        }
        let journal = Journal::read(&self.journal);
        for pid in journal.pids() {
            wrong.extend(left_running(pid));
        }
        let others = self.qa.place.running.fetch_sub(1, Ordering::Relaxed) - 1;
        let mut abandoned = self.qa.place.abandoned.lock().unwrap();
        let left = self.qa.place.leftovers();
        if status.code().is_none() || self.qa.is_abandoned {
            // Who is killed cannot clear up.
            *abandoned = left;
        } else if others == 0 {
            let new = left.iter().filter(|path| !abandoned.contains(path));
            wrong.extend(new.map(|path| format!("{} is left behind", path.display())));
        }
        drop(abandoned);
        wrong.extend(
            journal
                .problems()
                .into_iter()
                .map(|problem| format!("the machine was used wrongly: {problem}")),
        );
        let outcome = Outcome::new(self.qa.place, [stdout, stderr], journal, end);
        assert!(
            wrong.is_empty(),
            "{}",
            report(&wrong, &self.shown, &outcome)
        );
        outcome
    }
}

/// All that a stream says; nothing where nobody reads it.
fn drain(stream: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (send, receive) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            let _ = stream.read_to_end(&mut bytes); // What came until then is what there is.
        }
        let _ = send.send(bytes); // A test that failed waits no more.
    });
    receive
}

/// Takes out of a text what differs from run to run.
fn neutral(text: &str, root: &Path) -> String {
    let text = text.replace(&root.to_string_lossy().into_owned(), "[dir]");
    let text = Regex::new(r"\b\d{8}-\d{6}(-\d+)?\b")
        .unwrap()
        .replace_all(&text, "[run]")
        .into_owned();
    Regex::new(r"\b\d+(\.\d+)? ?(ms|s)\b")
        .unwrap()
        .replace_all(&text, "[time]")
        .into_owned()
}

fn check(wrong: &mut Vec<String>, name: &str, said: &str, expected: &Stream) {
    if let Some(exactly) = &expected.exactly {
        if said != exactly {
            wrong.push(format!("{name} is not as expected, which is:\n{exactly}"));
        }
    } else if expected.parts.is_empty() && !expected.free && !said.is_empty() {
        wrong.push(format!("{name} is not empty"));
    }
    let missing = expected
        .parts
        .iter()
        .filter(|part| !said.contains(part.as_str()));
    wrong.extend(missing.map(|part| format!("{name} does not say: {part}")));
}

/// Waits until a machine's process is gone; ends it and says so when it does not go.
fn left_running(pid: u32) -> Option<String> {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap())?;
    // An error means that there is no such process.
    let process = pidfd_open(pid, PidfdFlags::empty()).ok()?;
    let limit = Timespec {
        tv_sec: 10,
        tv_nsec: 0,
    };
    let ended = poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&limit));
    if ended.is_ok_and(|ready| ready > 0) {
        return None;
    }
    let _ = pidfd_send_signal(&process, Signal::KILL); // It may end just now.
    Some(format!("QEMU {} is left running", pid.as_raw_nonzero()))
}

fn report(wrong: &[String], command: &str, outcome: &Outcome) -> String {
    let root = outcome.place().project();
    let mut text = format!(
        "\n{}\n\ncommand: {command}\n{}",
        wrong.join("\n"),
        Qa::project_files(&root)
    );
    text.push_str(&format!(
        "--- stdout\n{}--- stderr\n{}",
        outcome.stdout(),
        outcome.stderr()
    ));
    text.push_str("--- what the machine was asked\n");
    for entry in outcome.journal().entries() {
        text.push_str(&format!("{entry:?}\n"));
    }
    let run = root.join("qa-results/latest");
    let folders = fs::read_dir(&run).into_iter().flatten().flatten();
    for log in folders
        .map(|folder| folder.path().join("qmp.log"))
        .filter(|log| log.is_file())
    {
        let content = fs::read_to_string(&log).unwrap_or_default();
        text.push_str(&format!("--- {}\n{content}", log.display()));
    }
    text
}

//! The state of a process, as the kernel reports it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use super::silence::Progress;

/// A process of this host.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    proc: PathBuf,
    pid: u32,
}

/// The reason why a process does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Halt {
    /// A signal or a debugger has stopped it.
    Stopped,
    /// Its control group is frozen.
    Frozen,
}

impl Process {
    pub(crate) fn new(proc: &Path, pid: u32) -> Self {
        Self {
            proc: proc.to_owned(),
            pid,
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Returns the progress of its main thread so far. None if the kernel does not tell.
    pub(crate) fn progress(&self) -> Option<Progress> {
        let file = format!("{pid}/task/{pid}/schedstat", pid = self.pid);
        let text = fs::read_to_string(self.proc.join(file)).ok()?;
        let mut numbers = text.split_ascii_whitespace().map(str::parse);
        let mut next = || Some(Duration::from_nanos(numbers.next()?.ok()?));
        Some(Progress {
            ran: next()?,
            waited: next()?,
        })
    }

    /// Returns why it does not run. None if it may run, or the reason is not known.
    pub(crate) fn halt(&self) -> Option<Halt> {
        let folder = self.proc.join(self.pid.to_string());
        let stat = fs::read_to_string(folder.join("stat")).ok()?;
        // The name before it may contain anything.
        let state = stat.rsplit_once(") ")?.1.chars().next()?;
        if matches!(state, 'T' | 't') {
            return Some(Halt::Stopped);
        }
        let groups = fs::read_to_string(folder.join("cgroup")).ok()?;
        let group = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
        let events = Path::new("/sys/fs/cgroup")
            .join(group)
            .join("cgroup.events");
        let events = fs::read_to_string(events).ok()?;
        let is_frozen = events.lines().any(|line| line == "frozen 1");
        is_frozen.then_some(Halt::Frozen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_process_is_told_whatever_its_name() {
        let proc = tempfile::tempdir().unwrap();
        let process = Process::new(proc.path(), 7);
        assert_eq!(process.halt(), None);
        fs::create_dir_all(proc.path().join("7/task/7")).unwrap();
        for (stat, halt) in [
            ("7 (qemu) S 1 7", None),
            ("7 (a) T (b) R 1 7", None),
            ("7 (a) S (b) T 1 7", Some(Halt::Stopped)),
            ("7 (qemu) t 1 7", Some(Halt::Stopped)),
            ("", None),
        ] {
            fs::write(proc.path().join("7/stat"), stat).unwrap();
            assert_eq!(process.halt(), halt, "{stat}");
        }
        assert_eq!(process.progress(), None);
        fs::write(proc.path().join("7/task/7/schedstat"), "5 6 7\n").unwrap();
        let progress = process.progress().unwrap();
        assert_eq!(
            (progress.ran.as_nanos(), progress.waited.as_nanos()),
            (5, 6)
        );
    }
}

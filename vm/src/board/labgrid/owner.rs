//! The owner of a place: the name under which a client acquires it.

use std::{
    fmt, fs, io,
    sync::atomic::{AtomicU32, Ordering},
};

use rustix::{
    io::Errno,
    process::{Pid, test_kill_process},
};

/// The first part of the user names of runs.
const OURS: &str = "qa";

/// The inode of the first PID namespace of a kernel (`PROC_PID_INIT_INO`).
const FIRST_PID_NAMESPACE: &str = "pid:[4026531836]";

/// An owner of a place. labgrid writes it as `host/user`.
///
/// The user of a run is `qa-RUN-PID-START-NUMBER`: the run, the process with the time of its start, and the number of
/// the claim in that process. So anybody on the same host can tell if the run still lives.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Owner {
    /// The host, as its client calls itself.
    pub host: String,
    /// The user.
    pub user: String,
}

/// The state of the process of an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerState {
    /// A run of this host that still lives.
    Alive,
    /// A run of this host that has ended without releasing its place.
    Dead,
    /// A person, or a run of another host.
    Unknown,
}

/// The parts of the user name of a run.
struct Claim<'a> {
    run: &'a str,
    pid: u32,
    start: u64,
}

impl Owner {
    /// Returns a new owner for one place of a run of this process. Each call returns another one, so that two machines
    /// of a run cannot take each other's place.
    ///
    /// # Errors
    /// When the kernel does not tell about this process.
    pub fn of_this_process(run: &str) -> io::Result<Self> {
        static CLAIMS: AtomicU32 = AtomicU32::new(1);
        let pid = std::process::id();
        let start = own_start()?;
        let number = CLAIMS.fetch_add(1, Ordering::Relaxed);
        // labgrid separates host and user by `/`, and its tables separate by blanks.
        let run = run.replace(
            |character: char| !character.is_ascii_alphanumeric() && character != '-',
            "_",
        );
        Ok(Self {
            host: this_host(),
            user: format!("{OURS}-{run}-{pid}-{start}-{number}"),
        })
    }

    /// Reads `host/user`. None if there is no `/`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (host, user) = text.trim().split_once('/')?;
        Some(Self {
            host: host.to_owned(),
            user: user.to_owned(),
        })
    }

    /// Returns true if it is a run of `qa`, on any host.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.claim().is_some()
    }

    /// Returns the run. None if it is no run of `qa`.
    #[must_use]
    pub fn run(&self) -> Option<&str> {
        Some(self.claim()?.run)
    }

    /// Returns the process id of the run, on its host. None if it is no run of `qa`.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        Some(self.claim()?.pid)
    }

    /// Returns the time of the start of the process, in ticks of the kernel since its boot. None if it is no run of
    /// `qa`.
    #[must_use]
    pub fn pid_start(&self) -> Option<u64> {
        Some(self.claim()?.start)
    }

    /// Tells if the run still lives.
    #[must_use]
    pub fn state(&self) -> OwnerState {
        match self.claim() {
            Some(claim) if self.host == this_host() => match claim.lives() {
                true => OwnerState::Alive,
                false => OwnerState::Dead,
            },
            Some(_) | None => OwnerState::Unknown,
        }
    }

    fn claim(&self) -> Option<Claim<'_>> {
        let rest = self.user.strip_prefix(OURS)?.strip_prefix('-')?;
        let mut parts = rest.rsplitn(4, '-');
        let _number: u32 = parts.next()?.parse().ok()?;
        let start = parts.next()?.parse().ok()?;
        let pid = parts.next()?.parse().ok()?;
        let run = parts.next().filter(|run| !run.is_empty())?;
        Some(Claim { run, pid, start })
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.user)
    }
}

impl Claim<'_> {
    /// Returns true if the process is there, or cannot be looked at.
    fn lives(&self) -> bool {
        match fs::read_to_string(format!("/proc/{}/stat", self.pid)) {
            Ok(stat) => start_in(&stat) == Some(self.start),
            // A process of another user may be hidden. The kernel still tells that it is there.
            Err(_) => {
                let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
                pid.is_some_and(|pid| !matches!(test_kill_process(pid), Err(Errno::SRCH)))
            }
        }
    }
}

/// Returns the time of the start of this process, in ticks since the boot.
fn own_start() -> io::Result<u64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    start_in(&stat).ok_or_else(|| io::Error::other("/proc/self/stat is not understood"))
}

/// Returns the time of the start in a line of `/proc/PID/stat`. None if the process has ended, and only its parent has
/// not noticed.
fn start_in(stat: &str) -> Option<u64> {
    // The name of the program, which comes before, may contain anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    match fields.next()? {
        "Z" | "X" => None,
        // The state is the third field, and the start the 22nd.
        _ => fields.nth(18)?.parse().ok(),
    }
}

/// Returns the name of this host. In a container, the name has the PID namespace as well, since a process id counts
/// only there.
fn this_host() -> String {
    let name = rustix::system::uname();
    let name = name.nodename().to_string_lossy();
    let name = name.replace(
        |character: char| character == '/' || character.is_whitespace(),
        "_",
    );
    let namespace = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let namespace = namespace.to_string_lossy();
    if namespace.is_empty() || namespace == FIRST_PID_NAMESPACE {
        return name;
    }
    let digits: String = namespace.chars().filter(char::is_ascii_digit).collect();
    format!("{name}+{digits}")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_run_of_this_process_lives_and_is_read_back() {
        let owner = Owner::of_this_process("20261130-1101 a/b").unwrap();
        let read = Owner::parse(&owner.to_string()).unwrap();
        assert_eq!(read, owner);
        assert_eq!(read.run(), Some("20261130-1101_a_b"));
        assert_eq!(read.pid(), Some(std::process::id()));
        assert!(read.is_ours() && read.pid_start().is_some());
        assert_eq!(read.state(), OwnerState::Alive);
        assert_ne!(Owner::of_this_process("20261130-1101 a/b").unwrap(), owner);
    }

    #[test]
    fn a_process_id_that_was_given_again_is_no_proof_of_life() {
        let owner = Owner::of_this_process("run").unwrap();
        let (pid, start) = (owner.pid().unwrap(), owner.pid_start().unwrap());
        let earlier = Owner {
            user: format!("qa-run-{pid}-{}-1", start - 1),
            ..owner
        };
        assert_eq!(earlier.state(), OwnerState::Dead);
    }

    #[test]
    fn a_process_that_has_ended_is_dead_even_before_its_parent_notices() {
        let mut child = Command::new("/bin/cat")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let pid = child.id();
        let start = start_in(&fs::read_to_string(format!("/proc/{pid}/stat")).unwrap()).unwrap();
        let owner = Owner {
            host: this_host(),
            user: format!("qa-run-{pid}-{start}-1"),
        };
        assert_eq!(owner.state(), OwnerState::Alive);
        // With its stdin, it ends.
        drop(child.stdin.take());
        let watched = rustix::process::waitid(
            rustix::process::WaitId::Pid(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap()),
            rustix::process::WaitIdOptions::EXITED | rustix::process::WaitIdOptions::NOWAIT,
        );
        watched.unwrap();
        assert_eq!(owner.state(), OwnerState::Dead);
        child.wait().unwrap();
        assert_eq!(owner.state(), OwnerState::Dead);
    }

    #[test]
    fn people_and_other_hosts_are_never_judged() {
        for (host, user) in [
            ("desk", "anna"),
            ("other", "qa-run-1-2-3"),
            ("desk", "qa-anna"),
            ("desk", "qa--1-2-3"),
        ] {
            let owner = Owner {
                host: host.to_owned(),
                user: user.to_owned(),
            };
            assert_eq!(owner.state(), OwnerState::Unknown, "{owner}");
            assert_eq!(owner.is_ours(), host == "other", "{owner}");
        }
        assert_eq!(Owner::parse("None"), None);
    }
}

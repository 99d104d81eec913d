//! Reads the memory that the host has left, and tells if lack of memory may have killed a process.

use std::fs;
use std::path::{Path, PathBuf};

/// The memory of the host, as its kernel counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct HostMemory {
    available_mib: Option<u64>,
    total_mib: Option<u64>,
    /// The number of processes of this control group that the kernel has killed for lack of memory; none if it does not
    /// count them.
    kills: Option<u64>,
}

impl HostMemory {
    /// Reads the memory of the host now.
    pub(crate) fn now() -> Self {
        let proc = std::env::var_os(vm::Starvation::PROC)
            .map_or_else(|| PathBuf::from("/proc"), PathBuf::from);
        Self::read(&proc, Path::new("/sys/fs/cgroup"))
    }

    fn read(proc: &Path, cgroups: &Path) -> Self {
        let text = |path: &Path| fs::read_to_string(path).unwrap_or_default();
        let memory = text(&proc.join("meminfo"));
        let group = own_group(&text(&proc.join("self/cgroup"))).map(str::to_owned);
        let events = group.map(|group| {
            let folder = cgroups.join(group.trim_start_matches('/'));
            text(&folder.join("memory.events"))
        });
        Self {
            available_mib: mib(&memory, "MemAvailable:"),
            total_mib: mib(&memory, "MemTotal:"),
            kills: events.and_then(|events| number(&events, "oom_kill ")),
        }
    }

    /// Returns why a process with this many MiB for its guest may have been killed by SIGKILL: a fragment that begins
    /// in lower case. `before` was read when the process was started.
    pub(crate) fn why_killed(self, before: Self, guest_mib: u32) -> String {
        let kills = match (before.kills, self.kills) {
            (Some(before), Some(now)) => now.saturating_sub(before),
            (None, _) | (_, None) => 0,
        };
        let figures = match (self.available_mib, self.total_mib) {
            (Some(available), Some(total)) => {
                format!(
                    "{available} MiB available of {total} MiB on the host, guest {guest_mib} MiB"
                )
            }
            (None, _) | (_, None) => format!("guest {guest_mib} MiB"),
        };
        match kills {
            0 => format!("perhaps out of memory: {figures}"),
            1 => format!(
                "out of memory: the kernel killed 1 process of this control group; {figures} now"
            ),
            _ => format!(
                "out of memory: the kernel killed {kills} processes of this control group; {figures} now"
            ),
        }
    }
}

/// Returns the control group of this process, of version 2.
fn own_group(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.strip_prefix("0::"))
}

/// Returns a number of KiB, such as `MemTotal:  8123456 kB`, in MiB.
fn mib(text: &str, name: &str) -> Option<u64> {
    number(text, name).map(|kib| kib >> 10)
}

fn number(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A host with this in `/proc/meminfo` and `memory.events`.
    fn host(memory: &str, events: Option<&str>) -> HostMemory {
        let dir = tempfile::tempdir().expect("a folder");
        let (proc, group) = (dir.path().join("proc"), dir.path().join("cg/a/b"));
        fs::create_dir_all(proc.join("self")).expect("a folder");
        fs::create_dir_all(&group).expect("a folder");
        fs::write(proc.join("meminfo"), memory).expect("a file");
        fs::write(proc.join("self/cgroup"), "1:name=x:/y\n0::/a/b\n").expect("a file");
        if let Some(events) = events {
            fs::write(group.join("memory.events"), events).expect("a file");
        }
        HostMemory::read(&proc, &dir.path().join("cg"))
    }

    const MEMORY: &str =
        "MemTotal:        8123392 kB\nMemFree:   1 kB\nMemAvailable:     831488 kB\n";

    #[test]
    fn the_figures_are_told_whatever_the_reason() {
        let plain = host(MEMORY, None);
        assert_eq!(
            plain.why_killed(plain, 3072),
            "perhaps out of memory: 812 MiB available of 7933 MiB on the host, guest 3072 MiB"
        );
        let silent = host("", None);
        assert_eq!(
            silent.why_killed(silent, 64),
            "perhaps out of memory: guest 64 MiB"
        );
    }

    #[test]
    fn what_the_kernel_counts_is_known_and_not_guessed() {
        let before = host(MEMORY, Some("low 0\noom 3\noom_kill 2\n"));
        let after = host(MEMORY, Some("low 0\noom 4\noom_kill 3\noom_group_kill 0\n"));
        assert_eq!(
            after.why_killed(before, 3072),
            "out of memory: the kernel killed 1 process of this control group; 812 MiB available of 7933 MiB on the \
            host, guest 3072 MiB now"
        );
        assert!(after.why_killed(after, 3072).starts_with("perhaps "));
        assert!(before.why_killed(after, 3072).starts_with("perhaps "));
    }
}

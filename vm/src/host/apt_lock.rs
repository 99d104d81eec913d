//! Finds the program that uses apt's files now. Two programs cannot use them at once.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// The files that apt and dpkg lock while they work.
const LOCKS: [&str; 4] = [
    "/var/lib/dpkg/lock-frontend",
    "/var/lib/dpkg/lock",
    "/var/lib/apt/lists/lock",
    "/var/cache/apt/archives/lock",
];

/// A program that has one of these files locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AptUser {
    /// The id of its process.
    pub pid: u32,
    /// Its name, as the kernel has it.
    pub name: String,
    /// The file that it has locked.
    pub lock: PathBuf,
}

impl AptUser {
    /// Returns the program that uses apt's files now. None if no program does, or this host has no apt.
    #[must_use]
    pub fn now() -> Option<Self> {
        Self::of(&LOCKS.map(Path::new), Path::new("/proc"))
    }

    fn of(locks: &[&Path], proc: &Path) -> Option<Self> {
        let held = fs::read_to_string(proc.join("locks")).ok()?;
        locks.iter().find_map(|lock| {
            let file = file_id(lock).ok()?;
            let pid = holder(&held, &file)?;
            let name = fs::read_to_string(proc.join(pid.to_string()).join("comm")).ok()?;
            Some(Self {
                pid,
                name: name.trim().to_owned(),
                lock: lock.to_path_buf(),
            })
        })
    }
}

/// Returns the name of a file in the kernel's list of locks.
fn file_id(path: &Path) -> io::Result<String> {
    let file = fs::metadata(path)?;
    let (major, minor) = (rustix::fs::major(file.dev()), rustix::fs::minor(file.dev()));
    Ok(format!("{major:02x}:{minor:02x}:{}", file.ino()))
}

/// Returns the process that has a file locked. A process in another container has no number here.
fn holder(locks: &str, file: &str) -> Option<u32> {
    // `1: POSIX  ADVISORY  WRITE 1234 fe:00:779056 0 EOF`. A process that waits has `->` behind its number.
    let lines = locks
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    lines
        .filter(|words| words.get(1) != Some(&"->") && words.get(5) == Some(&file))
        .find_map(|words| words.get(4)?.parse().ok().filter(|pid| *pid > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_that_has_a_file_is_read_from_the_kernels_list() {
        let locks = "\
1: FLOCK  ADVISORY  WRITE 15832 fe:00:6701101 0 EOF
2: POSIX  ADVISORY  WRITE 321 fe:00:4711 0 EOF
2: -> POSIX  ADVISORY  WRITE 322 fe:00:4712 0 EOF
3: OFDLCK ADVISORY  READ -1 fe:00:4713 100 100
";
        assert_eq!(holder(locks, "fe:00:4711"), Some(321));
        assert_eq!(holder(locks, "fe:00:4712"), None, "it only waits");
        assert_eq!(holder(locks, "fe:00:4713"), None, "nobody knows who");
        assert_eq!(holder(locks, "fe:00:9"), None);
    }

    #[test]
    fn a_lock_is_found_with_the_name_of_its_holder() {
        let proc = tempfile::tempdir().unwrap();
        let lock = proc.path().join("lock-frontend");
        fs::write(&lock, "").unwrap();
        let file = file_id(&lock).unwrap();
        let list = format!("1: POSIX  ADVISORY  WRITE 321 {file} 0 EOF\n");
        fs::write(proc.path().join("locks"), list).unwrap();
        fs::create_dir(proc.path().join("321")).unwrap();
        fs::write(proc.path().join("321/comm"), "unattended-upgr\n").unwrap();
        let other = proc.path().join("none");
        let expected = AptUser {
            pid: 321,
            name: "unattended-upgr".to_owned(),
            lock: lock.clone(),
        };
        assert_eq!(AptUser::of(&[&other, &lock], proc.path()), Some(expected));
        assert_eq!(AptUser::of(&[&other], proc.path()), None);
    }
}

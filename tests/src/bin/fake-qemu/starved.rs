//! How long the host has kept the machine's processor waiting: a file as the kernel has one for every thread.

use std::{fs, os::unix::fs::symlink, path::PathBuf};

use qa_tests::Script;

/// The `schedstat` of the only processor's thread.
#[derive(Debug)]
pub(crate) struct Starved {
    file: PathBuf,
    milliseconds: u64,
}

impl Starved {
    pub(crate) fn new() -> Result<Self, String> {
        let proc =
            std::env::var_os(Script::PROC).ok_or_else(|| format!("{} is not set", Script::PROC))?;
        let pid = std::process::id();
        let folder = PathBuf::from(proc).join(format!("{pid}/task/{pid}"));
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for file in ["stat", "cgroup"] {
            // The same process may have been here before, switched on again.
            let _ = symlink(
                format!("/proc/{pid}/{file}"),
                folder.join("../..").join(file),
            );
        }
        let mut starved = Self {
            file: folder.join("schedstat"),
            milliseconds: 0,
        };
        starved.add(0)?;
        Ok(starved)
    }

    /// Another wait.
    pub(crate) fn add(&mut self, milliseconds: u64) -> Result<(), String> {
        self.milliseconds += milliseconds;
        // In one piece, since `qa` may read at any time.
        let new = self.file.with_extension("new");
        let text = format!("1000000 {}000000 1\n", self.milliseconds);
        fs::write(&new, text)
            .and_then(|()| fs::rename(&new, &self.file))
            .map_err(|error| format!("{}: {error}", self.file.display()))
    }
}

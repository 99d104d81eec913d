//! The files of a scenario's attempts that a bundle has.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use reports::Scenario;

use super::limits::DEEPEST;
use crate::results::RunFolder;

/// The endings of the evidence. Disks and sockets, which a killed run leaves, are not among them.
const EVIDENCE: [&str; 4] = ["args", "log", "png", "txt"];

/// The folder of files of the guest, which may have any ending.
const KEPT_FILES: &str = "files";

/// A file for a bundle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct File {
    /// Its name in the folder of the run: `gnome-login/frames/0001.png`.
    pub(super) name: String,
    /// Its place on this host.
    pub(super) path: PathBuf,
}

/// Returns the files of all attempts at these scenarios, by name. Links are left out: they may lead anywhere.
///
/// # Errors
/// When a folder cannot be read. One that does not exist has no files.
pub(super) fn files_of(run: &Path, scenarios: &[Scenario]) -> io::Result<Vec<File>> {
    let mut files = Vec::new();
    for scenario in scenarios {
        for attempt in &scenario.attempts {
            let name = RunFolder::scenario_name(&scenario.info.name, attempt.number);
            // The log may be from a stranger, and this is the name of a folder.
            if is_one_name(&name) {
                add(&mut files, &run.join(&name), &name, 1)?;
            }
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}

fn is_one_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains(['/', '\0'])
}

fn add(files: &mut Vec<File>, folder: &Path, name: &str, depth: usize) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let Ok(own) = entry.file_name().into_string() else {
            continue; // No file of `qa` has such a name.
        };
        let (kind, name) = (entry.file_type()?, format!("{name}/{own}"));
        if kind.is_dir() && depth + 2 < DEEPEST {
            add(files, &entry.path(), &name, depth + 1)?;
        } else if kind.is_file() && is_evidence(&name) {
            files.push(File {
                name,
                path: entry.path(),
            });
        }
    }
    Ok(())
}

fn is_evidence(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let is_kept = name.split('/').rev().nth(1) == Some(KEPT_FILES);
    is_kept || ending.is_some_and(|ending| EVIDENCE.contains(&ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_taken_and_disks_and_sockets_are_not() {
        for (name, is) in [
            ("s/serial0.log", true),
            ("s/qemu.args", true),
            ("s/frames/0001.png", true),
            ("s/watch-oops.txt", true),
            ("s/client/board.log", true),
            ("s/files/core", true),
            ("s/files/a.tar.gz", true),
            ("s/disk0.qcow2", false),
            ("s/qmp.sock", false),
            ("s/OVMF_VARS.fd", false),
            ("s/files/deeper/x", false),
        ] {
            assert_eq!(is_evidence(name), is, "{name}");
        }
        assert!(!is_one_name("../x") && !is_one_name("..") && is_one_name("a@b+c"));
    }
}

//! Removes the folder of a run, and tells how much room it takes.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The bytes of a block in which file systems count.
const BLOCK: u64 = 512;

/// Returns the room that a folder takes on disk. Links count as themselves. What cannot be read does not count.
pub(crate) fn bytes_on_disk(folder: &Path) -> u64 {
    let mut bytes = 0_u64;
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        let Ok(about) = path.symlink_metadata() else {
            continue;
        };
        bytes = bytes.saturating_add(about.blocks().saturating_mul(BLOCK));
        if about.is_dir() {
            let entries = fs::read_dir(&path).into_iter().flatten().flatten();
            open.extend(entries.map(|entry| entry.path()));
        }
    }
    bytes
}

/// Returns the folder to which `latest` leads; none if there is no such link, or it leads nowhere.
pub(crate) fn latest(results: &Path) -> Option<PathBuf> {
    results.join("latest").canonicalize().ok()
}

/// Removes the folder of a run. Its event log is removed last: if this breaks off, the rest is still known to be a run.
/// Links in it are removed, and what they lead to stays.
///
/// # Errors
/// When something in it cannot be removed. Something that is gone already is no error.
pub(crate) fn remove_run(folder: &Path) -> io::Result<()> {
    let gone_is_fine = |done: io::Result<()>| match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    };
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == "events.jsonl" {
            continue;
        }
        gone_is_fine(match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path()),
            false => fs::remove_file(entry.path()),
        })?;
    }
    gone_is_fine(fs::remove_file(folder.join("events.jsonl")))?;
    gone_is_fine(fs::remove_dir(folder))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_run_is_removed_and_what_its_links_lead_to_stays() {
        let dir = tempfile::tempdir().unwrap();
        let outside = dir.path().join("outside");
        let run = dir.path().join("run");
        fs::create_dir_all(outside.join("deep")).unwrap();
        fs::create_dir_all(run.join("s/frames")).unwrap();
        fs::write(run.join("events.jsonl"), "x".repeat(10_000)).unwrap();
        fs::write(run.join("s/frames/0001.png"), "x".repeat(100_000)).unwrap();
        symlink(&outside, run.join("folder")).unwrap();
        symlink(&outside, run.join("s/folder")).unwrap();
        symlink("nowhere", run.join("dangling")).unwrap();
        let bytes = bytes_on_disk(&run);
        assert!((110_000..200_000).contains(&bytes), "{bytes}");
        remove_run(&run).unwrap();
        assert!(!run.exists() && outside.join("deep").is_dir());
        assert_eq!(bytes_on_disk(&run), 0);
        assert!(remove_run(&run).is_err(), "it is gone");
    }

    #[test]
    fn latest_is_where_the_link_leads() {
        let dir = tempfile::tempdir().unwrap();
        let results = dir.path().canonicalize().unwrap();
        assert_eq!(latest(&results), None);
        symlink("run", results.join("latest")).unwrap();
        assert_eq!(latest(&results), None, "it leads nowhere");
        fs::create_dir(results.join("run")).unwrap();
        assert_eq!(latest(&results), Some(results.join("run")));
    }
}

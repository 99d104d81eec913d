//! Removes the disks that killed runs leave behind: these can be larger than all evidence.

use std::fs;
use std::io;
use std::path::Path;

use super::running::Killed;
use crate::talk::Talk;

/// The result of the removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Cleared {
    /// The number of runs.
    runs: usize,
    /// The bytes on disk.
    bytes: u64,
}

/// Removes the disks of killed runs below `results`, and says so. Their evidence stays. A disk that cannot be removed
/// is tried again next time.
pub(crate) fn clear_killed_runs(results: &Path, talk: Talk) {
    let cleared = clear_all(results);
    if cleared.runs == 0 {
        return;
    }
    let (size, folder) = (reports::human_size(cleared.bytes), results.display());
    let runs = match cleared.runs {
        1 => "a killed run".to_owned(),
        many => format!("{many} killed runs"),
    };
    talk.say(&format!(
        "removed disks of machines, {size}, that {runs} had left in {folder}"
    ));
}

fn clear_all(results: &Path) -> Cleared {
    let mut cleared = Cleared::default();
    for run in fs::read_dir(results).into_iter().flatten().flatten() {
        // `latest` is a link to one of the others.
        if !run.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        if let Ok(Some(bytes)) = clear(&run.path())
            && bytes > 0
        {
            cleared.runs += 1;
            cleared.bytes += bytes;
        }
    }
    cleared
}

/// Removes the disks of a run, and returns their size; none if the run was not killed.
fn clear(run: &Path) -> io::Result<Option<u64>> {
    let Some(killed) = Killed::of(run)? else {
        return Ok(None);
    };
    let mut bytes = 0;
    for scenario in fs::read_dir(run)? {
        let scenario = scenario?;
        if scenario.file_type()?.is_dir() {
            bytes += vm::clear_killed(&scenario.path())?;
        }
    }
    killed.cleared()?;
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::results::RunFolder;

    const NOW: time::OffsetDateTime = datetime!(2026-11-24 02:03:04 UTC);

    /// A run with a disk and a log of a machine.
    fn run(results: &Path) -> RunFolder {
        let run = RunFolder::create(results, NOW).expect("a folder");
        let scenario = run.scenario("s", 1).expect("a folder");
        for file in ["disk0.qcow2", "serial0.log"] {
            fs::write(scenario.join(file), "some bytes").expect("a file");
        }
        run
    }

    fn has(results: &Path, run: &str, file: &str) -> bool {
        results.join(run).join("s").join(file).exists()
    }

    /// Ends a run as `kill -9` does: its lock is gone, and its mark is not.
    fn kill(results: &Path, run: RunFolder) {
        let mark = results.join(run.name()).join(".running");
        drop(run);
        fs::write(mark, "").expect("a file");
    }

    #[test]
    fn what_a_killed_run_left_goes_and_its_evidence_stays() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let first = run(dir.path());
        let second = run(dir.path());
        let names = [first.name().to_owned(), second.name().to_owned()];
        assert_eq!(clear_all(dir.path()), Cleared::default());
        kill(dir.path(), first);
        let cleared = clear_all(dir.path());
        assert_eq!(cleared.runs, 1);
        assert!(cleared.bytes >= 512, "{cleared:?}");
        assert!(!has(dir.path(), &names[0], "disk0.qcow2"));
        assert!(has(dir.path(), &names[0], "serial0.log"));
        assert!(has(dir.path(), &names[1], "disk0.qcow2"), "it goes on");
        assert_eq!(clear_all(dir.path()), Cleared::default());
        drop(second);
        assert_eq!(clear_all(dir.path()), Cleared::default());
        assert!(
            has(dir.path(), &names[1], "disk0.qcow2"),
            "it came to its end: what is there is there on purpose"
        );
    }

    #[test]
    fn a_folder_without_results_has_nothing_to_clear() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let nowhere = dir.path().join("nowhere");
        assert_eq!(clear_all(&nowhere), Cleared::default());
    }
}

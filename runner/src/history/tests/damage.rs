//! A database that cannot be used is made again, or kept in memory.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use reports::Verdict;

use super::super::ask::Answer;
use super::super::{History, Patience};
use super::sample::{self, Result};

/// A results folder with three runs that are taken in.
fn results() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (second, run) in (1..).zip(["one", "two", "three"]) {
        let result = Result::of("s", Verdict::Passed).steps(&[7; 200]);
        sample::run(dir.path(), run, second, &[result]);
    }
    assert_eq!(count(dir.path()).taken.read, 3);
    dir
}

fn count(results: &Path) -> Answer<usize> {
    History::ask(results, History::run_count).unwrap()
}

#[track_caller]
fn is_made_again(results: &Path) {
    let answer = count(results);
    assert_eq!((answer.value, answer.taken.read), (3, 3));
    assert_eq!(answer.not_kept, None);
    let next = count(results);
    assert_eq!((next.value, next.taken.read), (3, 0), "it is kept");
}

#[test]
fn a_file_that_is_no_database_is_made_again() {
    let dir = results();
    let file = History::file(dir.path());
    for text in [
        "this is no database, and it is longer than a header of one.".repeat(99),
        "x".into(),
    ] {
        fs::write(&file, text).unwrap();
        is_made_again(dir.path());
    }
    fs::write(&file, "").unwrap();
    is_made_again(dir.path());
}

#[test]
fn a_file_that_lost_a_part_is_made_again() {
    let dir = results();
    let file = History::file(dir.path());
    let whole = fs::read(&file).unwrap();
    assert!(whole.len() > 5 * 4096, "{}", whole.len());
    for length in [whole.len() / 2, 5_000, 4096, 100, 10] {
        fs::write(&file, &whole[..length]).unwrap();
        is_made_again(dir.path());
    }
    for page in 0..whole.len() / 4096 {
        let mut torn = whole.clone();
        torn[page * 4096..(page + 1) * 4096].fill(0xa5);
        fs::write(&file, &torn).unwrap();
        let answer = count(dir.path());
        assert_eq!((answer.value, answer.not_kept), (3, None), "page {page}");
    }
}

#[test]
fn another_version_is_made_again() {
    let dir = results();
    let file = History::file(dir.path());
    for pragma in ["user_version", "application_id"] {
        let connection = rusqlite::Connection::open(&file).unwrap();
        connection.pragma_update(None, pragma, 77).unwrap();
        drop(connection);
        is_made_again(dir.path());
    }
    fs::remove_file(&file).unwrap();
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection
        .execute_batch("CREATE TABLE run (other); INSERT INTO run VALUES (1)")
        .unwrap();
    drop(connection);
    is_made_again(dir.path());
}

#[test]
fn words_of_another_version_are_read_from_the_logs() {
    let dir = results();
    let connection = rusqlite::Connection::open(History::file(dir.path())).unwrap();
    connection
        .execute_batch("UPDATE result SET verdict = 'splendid'")
        .unwrap();
    let answer = History::ask(dir.path(), History::cells).unwrap();
    assert_eq!(answer.value.values().next().map(Vec::len), Some(3));
    assert!(answer.not_kept.unwrap().contains("splendid"));
}

#[test]
fn a_place_that_cannot_be_used_leaves_the_history_in_memory() {
    let dir = results();
    let file = History::file(dir.path());
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    let answer = count(dir.path());
    assert_eq!((answer.value, answer.taken.read), (3, 3));
    assert!(answer.not_kept.is_some());
    fs::remove_dir(&file).unwrap();
    std::os::unix::fs::symlink("elsewhere", &file).unwrap();
    assert!(
        count(dir.path()).not_kept.is_some(),
        "a link is not followed"
    );
    assert!(!dir.path().join("elsewhere").exists());
    fs::remove_file(&file).unwrap();
    let read_only = fs::Permissions::from_mode(0o555);
    fs::set_permissions(dir.path(), read_only).unwrap();
    let answer = count(dir.path());
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    // Root may write everywhere.
    if !rustix::process::geteuid().is_root() {
        assert!(answer.not_kept.is_some());
    }
    assert_eq!(answer.value, 3);
}

#[test]
fn one_that_another_process_holds_is_made_in_memory() {
    let dir = results();
    let connection = rusqlite::Connection::open(History::file(dir.path())).unwrap();
    connection.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let began = std::time::Instant::now();
    assert!(History::open(dir.path(), Patience::EndOfRun).is_err());
    assert!(began.elapsed() < std::time::Duration::from_secs(2));
    connection.execute_batch("ROLLBACK").unwrap();
    assert!(History::open(dir.path(), Patience::EndOfRun).is_ok());
}

#[test]
fn a_folder_that_is_not_there_has_no_runs_and_is_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = dir.path().join("qa-results");
    let answer = count(&nowhere);
    assert_eq!((answer.value, answer.not_kept), (0, None));
    assert!(!nowhere.exists());
}

#[test]
fn two_that_open_it_at_once_have_the_same() {
    let dir = results();
    fs::remove_file(History::file(dir.path())).unwrap();
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(|| count(dir.path()));
        let other = scope.spawn(|| count(dir.path()));
        (one.join().unwrap(), other.join().unwrap())
    });
    assert_eq!((one.value, other.value), (3, 3));
    assert_eq!((one.not_kept, other.not_kept), (None, None));
    assert_eq!(count(dir.path()).taken.read, 0);
}

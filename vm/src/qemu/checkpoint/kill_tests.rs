//! Kills processes at every critical place. The store must be good afterwards.

use std::{
    env,
    error::Error as _,
    io::{BufRead, BufReader, Write, stdin, stdout},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio, exit},
    thread,
    time::Duration,
};

use super::{
    CheckpointError, CheckpointFacts, CheckpointStore, PruneLimits,
    kill_point::KillPoint,
    names::Name,
    store_tests::{commit, facts, key},
};

/// The variable that tells a process of these tests what to do. It is not set in the tests themselves.
const TASK: &str = "QA_TEST_CHECKPOINT_TASK";
const FOLDER: &str = "QA_TEST_CHECKPOINT_FOLDER";
const STOP_AT: &str = "QA_TEST_CHECKPOINT_STOP_AT";

/// The mark of a line from a process to its test, since the test harness writes lines as well.
const SAYS: &str = "@ ";

/// Passes a place of the store's code. Stays there if the process must be killed at this place.
pub(super) fn pass(point: KillPoint) {
    if env::var(STOP_AT).is_ok_and(|stop| stop == format!("{point:?}")) {
        say("here");
        stay();
    }
}

fn say(text: &str) {
    let mut out = stdout().lock();
    writeln!(out, "\n{SAYS}{text}").unwrap();
    out.flush().unwrap();
}

/// Waits to be killed, but no longer than the test lives.
fn stay() -> ! {
    let _ = stdin().read_line(&mut String::new());
    exit(3)
}

/// A process that works in a store until it is killed.
struct Worker {
    process: Child,
    lines: BufReader<ChildStdout>,
}

impl Worker {
    fn start(store: &Path, task: &str, stop_at: Option<KillPoint>) -> Self {
        Self::run(
            Command::new(env::current_exe().unwrap()),
            store,
            task,
            stop_at,
        )
    }

    /// Returns a process whose files cannot become larger than 64 KiB, as on a full disk.
    fn start_without_room(store: &Path, task: &str) -> Self {
        // The limit counts blocks of 512 bytes. A process that ignores the signal gets an error; otherwise the signal
        // kills it.
        let mut command = Command::new("sh");
        command
            .args(["-c", "trap '' XFSZ; ulimit -f 128; exec \"$0\" \"$@\""])
            .arg(env::current_exe().unwrap());
        Self::run(command, store, task, None)
    }

    fn run(mut command: Command, store: &Path, task: &str, stop_at: Option<KillPoint>) -> Self {
        command
            .args([
                "--exact",
                "qemu::checkpoint::kill_tests::work",
                "--ignored",
                "--nocapture",
            ])
            .env(TASK, task)
            .env(FOLDER, store)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if let Some(point) = stop_at {
            command.env(STOP_AT, format!("{point:?}"));
        }
        let mut process = command.spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        Self { process, lines }
    }

    /// Answers the question that it waits for.
    fn go_on(&mut self) {
        writeln!(self.process.stdin.as_mut().unwrap()).unwrap();
    }

    /// Returns its next line.
    fn next(&mut self) -> String {
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap() == 0 {
                panic!("it ended without a word: {:?}", self.process.wait());
            }
            if let Some(said) = line.strip_prefix(SAYS) {
                return said.trim_end().to_owned();
            }
        }
    }

    /// Waits until it has reached the place where it must be killed.
    fn reach(&mut self) {
        assert_eq!(self.next(), "here");
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
#[ignore = "what the processes do that the other tests start"]
fn work() {
    let (Ok(task), Ok(folder)) = (env::var(TASK), env::var(FOLDER)) else {
        return;
    };
    let store = CheckpointStore::open(folder).unwrap();
    let everything = PruneLimits {
        bytes: 0,
        unused_for: None,
    };
    match task.as_str() {
        "commit" => drop(commit(store.begin(&key(3)).unwrap().unwrap(), Some(key(2)))),
        "remove" => drop(store.remove(&key(1)).unwrap()),
        "remove damaged" => drop(store.remove_damaged(&key(1)).unwrap()),
        "prune" => drop(store.prune(everything).unwrap()),
        "hold" => {
            let lease = store.find(&key(2)).unwrap().unwrap();
            lease.verify().unwrap();
            say("here");
            stay();
        }
        "commit much" => {
            let draft = store.begin(&key(3)).unwrap().unwrap();
            std::fs::write(draft.folder().join("ram"), "memory").unwrap();
            let facts = CheckpointFacts {
                state: "x".repeat(1 << 20).into(),
                ..facts(Some(key(2)))
            };
            let error = draft.commit(facts).unwrap_err();
            say(&format!("{error}: {}", error.source().unwrap()));
            stay();
        }
        "save" => loop {
            if let Some(draft) = store.begin(&key(3)).unwrap() {
                drop(commit(draft, Some(key(2))));
                break;
            }
            if store.find(&key(3)).unwrap().is_some() {
                break;
            }
            say("another makes it");
            let _ = stdin().read_line(&mut String::new());
        },
        "save and remove" => {
            say("here");
            loop {
                if let Some(draft) = store.begin(&key(3)).unwrap() {
                    drop(commit(draft, Some(key(2))));
                }
                match store.remove(&key(3)) {
                    Ok(_) | Err(CheckpointError::InUse { .. }) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }
        "draft" => {
            let draft = store.begin(&key(3)).unwrap().unwrap();
            std::fs::write(draft.folder().join("ram"), "half").unwrap();
            say("here");
            stay();
        }
        "all at once" => work_on(&store),
        other => panic!("unknown task {other}"),
    }
    say("done");
}

/// Makes, uses and removes checkpoints without end.
fn work_on(store: &CheckpointStore) {
    for round in (0..=u8::MAX).cycle() {
        let parent = match store.find(&key(1)).unwrap() {
            Some(lease) => Some(lease),
            None => store
                .begin(&key(1))
                .unwrap()
                .map(|draft| commit(draft, None)),
        };
        let child = key(2 + round % 2);
        if let (Some(_), Some(draft)) = (&parent, store.begin(&child).unwrap()) {
            commit(draft, Some(key(1))).verify().unwrap();
        }
        if let Some(lease) = store.find(&child).unwrap() {
            lease.verify().unwrap();
        }
        drop(parent);
        match store.remove(&key(1 + round % 3)) {
            Ok(_) | Err(CheckpointError::InUse { .. }) => {}
            Err(error) => panic!("{error}"),
        }
        say("round");
    }
}

/// Returns a store with checkpoint 1 and its child 2.
fn chain() -> (tempfile::TempDir, CheckpointStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = CheckpointStore::open(folder.path().join("checkpoints")).unwrap();
    drop(commit(store.begin(&key(1)).unwrap().unwrap(), None));
    drop(commit(store.begin(&key(2)).unwrap().unwrap(), Some(key(1))));
    (folder, store)
}

/// Opens the store again and checks it: nothing is left over, nothing is locked, all bytes are right, and new work
/// succeeds.
fn check_good(store: &CheckpointStore) {
    let store = CheckpointStore::open(store.folder()).unwrap();
    for (name, path) in Name::all(store.folder()).unwrap() {
        let expected = match name {
            Name::Entry(_) => true,
            Name::Draft(_) | Name::Gone => false,
            Name::Other => path.ends_with(".lock") || path.ends_with("CACHEDIR.TAG"),
        };
        assert!(expected, "{} was left", path.display());
    }
    for one in store.verify().unwrap() {
        assert!(one.outcome.is_ok(), "{one:?}");
    }
    for entry in store.list().unwrap() {
        assert!(!entry.in_use && entry.damage.is_none(), "{entry:?}");
    }
    for (number, parent) in [(1, None), (2, Some(1)), (3, Some(2))] {
        if let Some(draft) = store.begin(&key(number)).unwrap() {
            drop(commit(draft, parent.map(key)));
        }
        store.find(&key(number)).unwrap().unwrap().verify().unwrap();
    }
    assert_eq!(store.remove(&key(1)).unwrap(), [key(3), key(2), key(1)]);
}

fn check_killed(task: &str, point: Option<KillPoint>) {
    let (_folder, store) = chain();
    let mut worker = Worker::start(store.folder(), task, point);
    worker.reach();
    worker.kill();
    check_good(&store);
}

#[test]
fn killed_while_saving() {
    check_killed("draft", None);
    for point in [
        KillPoint::DraftFolder,
        KillPoint::FilesSynced,
        KillPoint::NoteWritten,
        KillPoint::Renamed,
    ] {
        check_killed("commit", Some(point));
    }
}

#[test]
fn killed_while_removing() {
    for task in ["remove", "remove damaged", "prune"] {
        for point in [KillPoint::SetAside, KillPoint::AllSetAside] {
            check_killed(task, Some(point));
        }
    }
}

#[test]
fn killed_in_the_middle_of_deleting() {
    let (_folder, store) = chain();
    let mut worker = Worker::start(store.folder(), "remove", Some(KillPoint::AllSetAside));
    worker.reach();
    worker.kill();
    let gone = Name::all(store.folder()).unwrap();
    let mut gone = gone.iter().filter(|(name, _)| *name == Name::Gone);
    std::fs::remove_file(gone.next().unwrap().1.join("ram")).unwrap();
    check_good(&store);
}

#[test]
fn killed_while_restoring() {
    let (_folder, store) = chain();
    let mut worker = Worker::start(store.folder(), "hold", None);
    worker.reach();
    for number in [1, 2] {
        let error = store.remove(&key(number)).unwrap_err();
        assert!(matches!(error, CheckpointError::InUse { .. }), "{error}");
    }
    let nothing = store.prune(PruneLimits {
        bytes: 0,
        unused_for: None,
    });
    assert!(nothing.unwrap().removed.is_empty());
    worker.kill();
    check_good(&store);
}

#[test]
fn a_draft_of_a_living_process_stays_and_is_the_only_one() {
    let (_folder, store) = chain();
    let mut worker = Worker::start(store.folder(), "commit", Some(KillPoint::NoteWritten));
    worker.reach();
    CheckpointStore::open(store.folder()).unwrap();
    assert!(store.begin(&key(3)).unwrap().is_none());
    let names = Name::all(store.folder()).unwrap();
    assert!(names.iter().any(|(name, _)| *name == Name::Draft(key(3))));
    worker.kill();
    assert!(store.begin(&key(3)).unwrap().is_some());
    check_good(&store);
}

#[test]
fn several_at_once_that_are_killed_one_after_the_other() {
    let (_folder, store) = chain();
    let start = || Worker::start(store.folder(), "all at once", None);
    let mut workers: Vec<_> = (0..3).map(|_| start()).collect();
    for kill in 0..9 {
        // Another process each time, after another number of rounds. The place within the round depends on the host.
        for _ in 0..=kill % 4 {
            for worker in &mut workers {
                assert_eq!(worker.next(), "round");
            }
        }
        workers.remove(kill % 3).kill();
        workers.push(start());
    }
    workers.clear();
    check_good(&store);
}

/// A place where a process that saves can be killed.
const SAVING: [KillPoint; 4] = [
    KillPoint::DraftFolder,
    KillPoint::FilesSynced,
    KillPoint::NoteWritten,
    KillPoint::Renamed,
];

/// Returns true if a process that stops there has the store's lock, so that another one cannot begin.
fn has_lock(point: KillPoint) -> bool {
    matches!(point, KillPoint::DraftFolder | KillPoint::Renamed)
}

#[test]
fn two_that_save_the_same_are_killed_one_after_the_other() {
    for first in SAVING {
        for second in SAVING {
            let (_folder, store) = chain();
            let mut one = Worker::start(store.folder(), "save", Some(first));
            one.reach();
            let mut other = Worker::start(store.folder(), "save", Some(second));
            if !has_lock(first) {
                assert_eq!(other.next(), "another makes it");
            }
            one.kill();
            if !has_lock(first) {
                other.go_on();
            }
            if first == KillPoint::Renamed {
                assert_eq!(other.next(), "done", "the first has made it");
            } else {
                other.reach();
            }
            other.kill();
            check_good(&store);
        }
    }
}

#[test]
fn two_that_save_the_same_are_killed_while_one_waits_for_the_other() {
    for first in SAVING {
        let (_folder, store) = chain();
        let mut one = Worker::start(store.folder(), "save", Some(first));
        one.reach();
        let mut other = Worker::start(store.folder(), "save", None);
        if !has_lock(first) {
            assert_eq!(other.next(), "another makes it");
        }
        other.kill();
        one.kill();
        check_good(&store);
    }
}

#[test]
fn two_that_save_the_same_are_killed_at_any_moment() {
    // The same numbers each time. The moments that they hit depend on the host, and the store must survive all of them.
    let mut number = 0x9e37_79b9_u32;
    let mut pause = || {
        number ^= number << 13;
        number ^= number >> 17;
        number ^= number << 5;
        thread::sleep(Duration::from_micros(u64::from(number % 2_500)));
    };
    for _ in 0..20 {
        let (_folder, store) = chain();
        let start = || Worker::start(store.folder(), "save and remove", None);
        let mut workers = [start(), start()];
        workers.iter_mut().for_each(Worker::reach);
        for worker in workers {
            pause();
            worker.kill();
        }
        check_good(&store);
    }
}

#[test]
fn a_disk_that_is_full_when_a_checkpoint_becomes_one_leaves_nothing() {
    let (_folder, store) = chain();
    let mut worker = Worker::start_without_room(store.folder(), "commit much");
    let said = worker.next();
    assert!(
        said.starts_with("checkpoint store: cannot write the note in ")
            && said.contains("File too large"),
        "{said}"
    );
    // While its process still lives.
    check_good(&store);
}

//! Tests of the recorder: what the log contains of an event.

use super::*;
use crate::log_file::LogFile;

fn note(text: &str) -> Event {
    Event::Note { text: text.into() }
}

#[test]
fn the_log_has_a_line_for_each_event_and_no_secret() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let feed = Feed::new();
    feed.listen(LogFile::create(dir.path()).expect("a log"));
    let secrets = vec!["hunter2".into(), "s3cret".into()];
    let recorder = Recorder::new(feed.clone(), "h", secrets);
    recorder.record(note("typed hunter2!"));
    recorder.record(note("s3cret and hunter2"));
    let log = std::fs::read_to_string(dir.path().join("events.jsonl")).expect("the log");
    assert_eq!(log.lines().count(), 2);
    assert!(!log.contains("hunter2") && !log.contains("s3cret"), "{log}");
    assert!(log.contains("typed •••!"));
    assert_eq!(feed.entries()[0].event, note("typed •••!"));
    assert_eq!(recorder.broken(), None);
}

#[test]
fn every_entry_says_what_it_is_about_also_where_a_secret_was_masked() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let feed = Feed::new();
    feed.listen(LogFile::create(dir.path()).expect("a log"));
    let run = Recorder::new(feed.clone(), "builder-7", vec!["hunter2".into()]);
    let (second, third) = (run.of_attempt("login", 2), run.of_attempt("login", 3));
    second.record(note("one"));
    third.record(note("hunter2"));
    second.record(note("two"));
    second.of_scenario("login").record(note("three"));
    run.record(note("four"));
    let entries = feed.entries();
    let about: Vec<_> = entries
        .iter()
        .map(|entry| (entry.envelope.seq, entry.scenario(), entry.envelope.attempt))
        .collect();
    let login = Some("login");
    assert_eq!(
        about,
        [
            (0, login, Some(2)),
            (1, login, Some(3)),
            (2, login, Some(2)),
            (3, login, None),
            (4, None, None)
        ]
    );
    assert!(
        entries
            .iter()
            .all(|entry| entry.envelope.host == "builder-7")
    );
    let log = std::fs::read_to_string(dir.path().join("events.jsonl")).expect("the log");
    let lines: Vec<&str> = log.lines().collect();
    assert!(lines[0].contains("\"attempt\":2"), "{log}");
    assert!(!lines[4].contains("\"attempt\""), "{log}");
    for (line, entry) in lines.iter().zip(&entries) {
        let read: Entry = serde_json::from_str(line).expect("an entry");
        assert_eq!(read, **entry);
    }
}

//! Reading event logs: good ones, torn ones, wrong ones.

use crate::sample::{RUNS, log_of};
use proptest::prelude::*;
use reports::{Entry, Log, LogError, Run, read_log};

fn lines(entries: &[Entry]) -> String {
    entries
        .iter()
        .map(|entry| serde_json::to_string(entry).expect("a record is JSON") + "\n")
        .collect()
}

fn error(text: &str) -> String {
    read_log(text.as_bytes())
        .expect_err("a wrong log")
        .to_string()
}

#[test]
fn what_was_written_is_read_back() {
    for name in RUNS.into_iter().filter(|name| *name != "hostile") {
        let entries = log_of(name);
        let log = read_log(lines(&entries).as_bytes()).expect(name);
        assert_eq!(
            log,
            Log {
                entries,
                torn_line: None
            },
            "{name}"
        );
    }
}

#[test]
fn a_torn_last_line_is_told_and_the_rest_is_kept() {
    let entries = log_of("passed");
    let text = lines(&entries);
    let torn = &text[..text.len() - 7];
    let log = read_log(torn.as_bytes()).expect("a log");
    assert_eq!(log.torn_line, Some(entries.len()));
    assert_eq!(log.entries, entries[..entries.len() - 1]);
    assert!(Run::of(&log.entries).is_cut_short());
}

#[test]
fn a_last_line_that_only_lacks_its_end_is_whole() {
    let entries = log_of("passed");
    let log = read_log(lines(&entries).trim_end().as_bytes()).expect("a log");
    assert_eq!((log.entries, log.torn_line), (entries, None));
}

#[test]
fn a_line_torn_inside_a_character_is_torn_too() {
    let entries = log_of("passed");
    let text = lines(&entries);
    let inside = text.find('•').expect("a masked secret") + 1;
    let log = read_log(&text.as_bytes()[..inside]).expect("a log");
    assert_eq!(log.torn_line, Some(log.entries.len() + 1));
}

#[test]
fn a_wrong_line_in_the_middle_is_named_with_its_column() {
    let text = lines(&log_of("passed"));
    let mut wrong: Vec<&str> = text.lines().collect();
    wrong[2] = "{\"seq\":2,\"at_ms\":1,\"event\":\"step-finished\"";
    assert_eq!(
        error(&(wrong.join("\n") + "\n")),
        "line 3 of the event log is not a record of a run: EOF while parsing an object, at column 42"
    );
    wrong[2] = "{\"seq\":2,\"at_ms\":1,\"host\":\"h\",\"event\":\"tea-break\"}";
    let message = error(&wrong.join("\n"));
    assert!(
        message.starts_with(
            "line 3 of the event log is not a record of a run: unknown variant `tea-break`"
        ),
        "{message}"
    );
}

#[test]
fn a_newer_format_is_refused_with_both_versions_whatever_its_shape() {
    let text =
        "{\"seq\":0,\"event\":\"run-started\",\"format\":7,\"version\":\"9.2.0\",\"new\":[]}\n";
    assert_eq!(
        error(text),
        "the event log has format 7, written by qa 9.2.0; this qa reads formats up to 3: use qa 9.2.0 or a newer one"
    );
}

#[test]
fn an_empty_log_and_one_without_a_beginning_say_so() {
    assert!(matches!(read_log(b""), Err(LogError::Empty)));
    let text = lines(&log_of("passed"));
    let tail = text.split_once('\n').expect("lines").1;
    assert!(matches!(
        read_log(tail.as_bytes()),
        Err(LogError::NoBeginning)
    ));
    assert!(matches!(
        read_log(b"\x89PNG\r\n\x1a\n"),
        Err(LogError::NoText { line: 1, byte: 0 })
    ));
    assert!(matches!(
        read_log(b"hello\n"),
        Err(LogError::Line { line: 1, .. })
    ));
    assert!(matches!(
        read_log(b"{\"seq\":0,\"at_m"),
        Err(LogError::Line { line: 1, .. })
    ));
}

#[test]
fn lost_and_joined_lines_are_found() {
    let text = lines(&log_of("passed"));
    let mut lost: Vec<&str> = text.lines().collect();
    lost.remove(4);
    assert_eq!(
        error(&lost.join("\n")),
        "line 5 of the event log has record 5 where record 4 belongs: lines are missing or were moved"
    );
    let count = text.lines().count();
    let message = error(&(text.clone() + &text));
    assert_eq!(
        message,
        format!(
            "line {} of the event log begins another run: two logs were joined into one file",
            count + 1
        )
    );
}

proptest! {
    #[test]
    fn garbage_is_an_error_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(read_log(&bytes).is_err());
    }

    #[test]
    fn a_log_with_any_byte_changed_never_panics_and_what_is_read_gives_a_run(
        which in 0..RUNS.len(), at in any::<prop::sample::Index>(), byte in any::<u8>()
    ) {
        let mut bytes = lines(&log_of(RUNS[which])).into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(log) = read_log(&bytes) {
            prop_assert!(!Run::of(&log.entries).name.is_empty() || log.entries.is_empty() || at < 400);
        }
    }

    #[test]
    fn a_log_cut_anywhere_after_its_first_line_is_read(which in 0..RUNS.len() - 1, at in any::<prop::sample::Index>()) {
        let text = lines(&log_of(RUNS[which]));
        let first = text.find('\n').expect("a line") + 1;
        let end = first + at.index(text.len() - first + 1);
        let log = read_log(&text.as_bytes()[..end]).expect("a log");
        prop_assert!(log.entries.len() + 1 >= text[..first].lines().count());
        let whole = text.as_bytes()[..end].iter().filter(|byte| **byte == b'\n').count();
        prop_assert!(log.entries.len() == whole || log.entries.len() == whole + 1);
    }

    #[test]
    fn depth_is_no_trouble(open in 1_usize..60_000) {
        prop_assert!(read_log("[".repeat(open).as_bytes()).is_err());
    }
}

//! `put` and `get`: files into the guest and out of it, by its agent.

use qa_tests::{Fake, act, on};
use reports::{CauseKind, Verdict};

use crate::steps;

const SECRET: &str = "correct-horse-battery";

/// The line of `cksum` for `hello` with a line end.
const HELLO: &str = "3015617425 6\n";

/// A guest with a log.
fn guest() -> Fake {
    Fake::new()
        .on(on::boot(), [act::agent_comes()])
        .answers("# qa: writes", 0, HELLO)
        .answers("t='/var/log/none'", 44, "")
        .answers("# qa: reads", 0, "<b>a log</b>\n")
}

#[test]
fn a_kept_file_is_in_the_results_and_in_every_report() {
    let outcome =
        steps("- put: { file: files/a, to: /root/a }\n- get: /var/log/x.log\n- get: /tmp/x.log")
            .file("files/a", "hello\n")
            .machine(guest())
            .exit_code(0);
    assert_eq!(outcome.file("s/files/x.log"), "<b>a log</b>\n");
    assert_eq!(outcome.file("s/files/x-2.log"), "<b>a log</b>\n");
    let report = outcome.file("report.html");
    for part in [
        "put files/a to /root/a",
        "Kept: <a href=\"s/files/x.log\">/var/log/x.log</a>, 13 B",
        "<a href=\"s/files/x-2.log\">x-2.log</a>",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
    let junit = outcome.file("junit.xml");
    assert!(junit.contains("s/files/x.log]]"), "{junit}");
    assert!(
        outcome
            .file("events.jsonl")
            .contains(r#""guest_path":"/var/log/x.log""#)
    );
}

#[test]
fn a_file_that_is_absent_is_failed_with_the_words_of_the_guest_or_noted() {
    let outcome = steps("- get: { file: /var/log/none, optional: true }\n- get: /var/log/none")
        .machine(guest())
        .exit_code(1);
    let cause = outcome.cause_of("s", CauseKind::Command);
    assert_eq!(cause.step.as_deref(), Some("s step 2"));
    assert!(cause.message.contains("`/var/log/none`"), "{cause:?}");
    let log = outcome.file("events.jsonl");
    assert!(log.contains("the guest has no `/var/log/none`"), "{log}");
}

#[test]
fn a_file_of_the_project_that_does_not_exist_is_told_before_anything_starts() {
    let outcome = steps("- put: { file: files/none, to: /root/a }")
        .stderr_has("error[invalid-value]: `files/none` cannot be read: No such file")
        .stderr_has("scenarios/s.yaml:3:18")
        .exit_code(2);
    assert_eq!(outcome.journal().pids(), [0_u32; 0]);
}

#[test]
fn a_secret_in_a_file_is_nowhere() {
    let outcome = steps(
        "- put: { text: 'password={{ password }}', to: /etc/x.conf }\n- get: /etc/x.conf\n\
        - get: { file: /etc/x.conf, save: conf }\n- note: '{{ conf }}'\n",
    )
    .project_also("secrets:\n  password: { env: QA_TEST_PASSWORD }\n")
    .machine(
        Fake::new()
            .on(on::boot(), [act::agent_comes()])
            .answers("# qa: writes", 0, "1342809423 30\n")
            .answers("# qa: reads", 0, &format!("password={SECRET}\n")),
    )
    .env("QA_TEST_PASSWORD", SECRET)
    .exit_code(0);
    for (path, bytes) in outcome.files() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(SECRET), "{} has the secret", path.display());
    }
    assert_eq!(outcome.file("s/files/x.conf"), "password=•••\n");
    let report = outcome.file("report.html");
    assert!(report.contains("a secret in it is hidden"), "{report}");
}

#[test]
fn a_file_that_cannot_be_kept_is_an_error_of_the_host() {
    let outcome = steps("- run: spoil\n- get: /var/log/x.log")
        .machine(
            guest()
                .on(on::ran("spoil"), [act::fill_results()])
                .answers("spoil", 0, ""),
        )
        .any_stdout()
        .exit_code(3);
    let (verdict, cause) = outcome.verdict("s");
    assert_eq!(verdict, Verdict::Error);
    assert!(cause.unwrap().message.contains("cannot be written"));
}

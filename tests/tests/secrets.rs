//! Secrets appear in no file of a run, and on no stream.

use qa_tests::{Fake, Outcome, Screen, act, on};

use crate::qa;

const SECRET: &str = "correct-horse-battery";

/// Looks for the secret in everything that came of the run, typed keys included.
#[track_caller]
fn nowhere(outcome: &Outcome) {
    for (path, bytes) in outcome.files() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(SECRET), "{} has the secret", path.display());
    }
    assert!(!outcome.stdout().contains(SECRET) && !outcome.stderr().contains(SECRET));
    // The keys one by one would tell it as well.
    let log = outcome.file("s/qmp.log");
    assert!(!log.contains(r#""data":"h""#), "{log}");
}

#[test]
fn a_secret_of_the_environment_is_typed_and_never_shown() {
    let outcome = qa()
        .scenario(
            "s",
            "image: disk\nsteps:\n  - type: \"{{ password }}\\n\"\n  - see: desktop\n  \
            - note: 'it was {{ password }}'\n",
        )
        .needles(["desktop"])
        .project_also("secrets:\n  password: { env: QA_TEST_PASSWORD }\n")
        .machine(Fake::new().on(
            on::typed(&format!("{SECRET}\n")),
            [act::show(&Screen::of("desktop"))],
        ))
        .env("QA_TEST_PASSWORD", SECRET)
        .args(["run", "s"])
        .exit_code(0);
    nowhere(&outcome);
    // A text with a secret in it is a secret as a whole.
    assert!(outcome.file("events.jsonl").contains("\"text\":\"•••\""));
}

#[test]
fn a_secret_that_fails_a_step_is_not_in_its_cause() {
    let outcome = qa()
        .scenario(
            "s",
            "image: disk\nvars: { password: none }\nsteps:\n  - type: { text: '{{ password }}', secret: true }\n  \
            - run: { command: 'login {{ token }}', within: 5s }\n",
        )
        .project_also("secrets:\n  token: { file: token.txt }\n")
        .file("token.txt", format!("{SECRET}\n"))
        .machine(
            Fake::new()
                .on(on::boot(), [act::agent_comes()])
                .answers("login", 1, "no such token: correct-horse-battery\n"),
        )
        .args(["run", "s", "--var", "password=correct-horse-battery"])
        .exit_code(1);
    nowhere(&outcome);
    assert!(
        outcome.cause("s").message.contains("•••"),
        "{:?}",
        outcome.cause("s")
    );
}

#[test]
fn a_secret_that_the_guest_echoes_is_in_no_log() {
    let outcome = qa()
        .steps(
            "s",
            "- serial: { send: \"{{ password }}\\n\", regex: 'never', within: 300ms }",
        )
        .project_also("secrets:\n  password: { env: QA_TEST_PASSWORD }\n")
        .machine(Fake::new().on(
            on::serial("battery\n"),
            [
                act::say("correct-horse-"),
                act::say("bat\r\ntery\r\nno such command\r\n"),
            ],
        ))
        .env("QA_TEST_PASSWORD", SECRET)
        .args(["run", "s"])
        .exit_code(1);
    for (path, bytes) in outcome.files() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            !text.contains("correct-horse"),
            "{} has the secret",
            path.display()
        );
    }
    assert!(outcome.file("s/serial0.log").contains("•••"));
}

#[test]
fn a_secret_without_a_value_is_told_before_anything_starts() {
    let outcome = qa()
        .steps("s", "- type: '{{ password }}'")
        .project_also("secrets:\n  password: { env: QA_TEST_PASSWORD }\n")
        .args(["run", "s"])
        .stderr_has("secret `password` has no value")
        .stderr_has("QA_TEST_PASSWORD")
        .exit_code(2);
    assert_eq!(outcome.journal().pids(), [0_u32; 0]);
}

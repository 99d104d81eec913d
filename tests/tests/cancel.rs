//! Stopping a run: evidence is kept, and no machine is left. That none is, every test here and elsewhere checks.

use std::time::{Duration, Instant};

use qa_tests::{Badge, Fake, Outcome, Screen, act, on};
use reports::{Event, ExitStatus, StepOutcome, Verdict};
use rustix::process::Signal;

use crate::{qa, steps};

const WAITS: &str = "- serial: { regex: never, within: 2h }";

/// For what must not come while the machine still starts: one that is stopped then is not asked to quit.
const TYPES_AND_WAITS: &str = "- type: x\n- serial: { regex: never, within: 2h }";

#[test]
fn one_signal_ends_the_run_in_order() {
    for signal in ["INT", "TERM"] {
        let outcome = qa()
            .steps("s", WAITS)
            .steps("later", "- note: x")
            .args(["run", "s", "later"])
            // Not at the first capture: its frame is known only after it.
            .machine(Fake::new().on(on::captures(2), [act::signal_qa(signal)]))
            .exit_code(130);
        assert_eq!(outcome.verdict("s").0, Verdict::Cancelled);
        assert!(
            outcome.last_evidence().frame.is_some(),
            "the last frame is kept"
        );
        let last = outcome.events().pop();
        assert!(
            matches!(
                last,
                Some(Event::RunFinished {
                    exit: ExitStatus::Cancelled,
                    ..
                })
            ),
            "{last:?}"
        );
        assert!(
            outcome.file("junit.xml").contains("later"),
            "what did not run is in the report too"
        );
        assert!(outcome.file("report.html").contains("cancelled"));
        assert_eq!(
            outcome.journal().pids().len(),
            1,
            "nothing is started after the signal"
        );
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    steps(TYPES_AND_WAITS)
        .machine(
            Fake::new()
                .on(on::typed("x"), [act::signal_qa("INT")])
                // The first signal makes qa ask QEMU to quit; it does not, and the user loses patience.
                .on(on::command("quit"), [act::signal_qa("INT"), act::hang()]),
        )
        .abandons_files()
        .exit_code(130)
        .shows("`qa` gets SIGINT twice");
}

/// Stops a run whose machine does not answer when it is asked to quit.
fn stopped_with_a_machine_that_does_not_quit() -> Outcome {
    steps(TYPES_AND_WAITS)
        .machine(
            Fake::new()
                .on(on::typed("x"), [act::signal_qa("INT")])
                .on(on::command("quit"), [act::hang()]),
        )
        .exit_code(130)
}

#[test]
fn a_machine_that_does_not_quit_is_ended() {
    let outcome = stopped_with_a_machine_that_does_not_quit();
    outcome.shows("QEMU does not quit when the run is stopped");
    assert_eq!(outcome.verdict("s").0, Verdict::Cancelled);
}

#[test]
fn no_machine_outlives_a_qa_that_was_killed() {
    let outcome = steps(WAITS)
        .machine(Fake::new().on(on::captures(1), [act::signal_qa("KILL")]))
        .start()
        .ended_by(Signal::KILL);
    assert_eq!(outcome.journal().pids().len(), 1);
}

#[test]
fn a_log_that_was_cut_short_can_still_be_reported() {
    let outcome = steps(WAITS)
        .machine(Fake::new().on(on::captures(1), [act::signal_qa("KILL")]))
        .start()
        .ended_by(Signal::KILL);
    let outcome = outcome.then().args(["report"]).any_stdout().exit_code(0);
    outcome.shows("`qa` is killed (SIGKILL)");
    assert!(outcome.file("junit.xml").contains("name=\"s\""));
}

#[test]
fn a_signal_while_a_machine_starts_leaves_none() {
    steps(WAITS)
        .machine(Fake::new().on(on::start(), [act::signal_qa("INT"), act::hang()]))
        .exit_code(130);
}

#[test]
fn a_helper_that_hangs_does_not_keep_the_user_waiting() {
    let mut needle = Badge::of("login").needle();
    needle["area"][0]["qa"] = serde_json::json!({ "text": "Log in" });
    let began = Instant::now();
    let outcome = qa()
        .file("needles/login.json", needle.to_string())
        .file("needles/login.png", Screen::of("login").png())
        .program("tesseract", "exec /bin/sleep 1000")
        .steps("s", "- see: { needle: login, within: 2h }")
        .args(["run", "s"])
        .machine(Fake::shows(&Screen::of("login")).on(on::captures(4), [act::signal_qa("INT")]))
        .exit_code(130);
    // Without a word from the user it is waited for a minute.
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(outcome.verdict("s").0, Verdict::Cancelled);
    assert!(outcome.last_evidence().frame.is_some());
}

#[test]
fn a_machine_that_does_not_answer_the_end_is_killed_within_a_second() {
    let outcome = stopped_with_a_machine_that_does_not_quit();
    let entries = outcome.entries();
    let cancelled = entries.iter().find_map(|entry| match entry.event {
        Event::StepFinished {
            outcome: StepOutcome::Cancelled,
            ..
        } => Some(entry.envelope.at_ms),
        _ => None,
    });
    let ended = entries.last().map(|entry| entry.envelope.at_ms);
    let waited = ended.unwrap() - cancelled.unwrap();
    assert!(
        waited < 3000,
        "{waited} ms; asked and told it would be six seconds"
    );
}

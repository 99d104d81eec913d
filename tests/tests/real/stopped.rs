//! QEMU or its TPM stopped or killed under a run, and `qa` itself stopped: whose fault it is, and what the time is
//! worth.

use std::{thread::sleep, time::Duration};

use reports::{CauseKind, Verdict};
use rustix::process::Signal;

use crate::boot_sector::project;

/// The time that QEMU gets here to answer: the product gives it half a minute.
const PATIENCE: [&str; 1] = ["QA_PATIENCE=3000"];

#[test]
fn a_stopped_qemu_is_an_error_that_says_so() {
    for step in [
        "serial: { absent: panic, for: 1s }",
        "serial: { regex: panic, within: 100ms }",
    ] {
        let project = project(&format!("  - {step}\n"));
        let mut call = project.start_through("env", &PATIENCE, &["s"]);
        call.read_until("panic");
        call.signal_logged("QEMU", Signal::STOP);
        let (verdict, cause) = call.wait().exits_with(3).verdict("s");
        let cause = cause.unwrap();
        assert_eq!(
            (verdict, &cause.kind),
            (Verdict::Error, &CauseKind::Harness)
        );
        assert!(
            cause
                .message
                .starts_with("QEMU has not answered for 3 s: its process "),
            "{cause:?}"
        );
        assert!(
            cause.message.ends_with(" has been stopped by a signal"),
            "{cause:?}"
        );
        assert!(cause.hints[0].starts_with("`kill -CONT "), "{cause:?}");
    }
}

#[test]
fn a_tpm_that_is_killed_or_stopped_is_an_error_that_says_so() {
    crate::host::require("swtpm");
    for (signal, said) in [
        (Signal::KILL, "the machine's TPM (swtpm) ended by itself"),
        (Signal::STOP, "the machine's TPM (swtpm, process "),
    ] {
        let project = project("  - serial: { regex: panic, within: 1h }\n");
        let file = project.path().join("qa.yaml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(
            &file,
            text.replace("agent: false", "agent: false, tpm: true"),
        )
        .unwrap();
        let mut call = project.start_through("env", &PATIENCE, &["s"]);
        call.read_until("panic");
        call.signal_logged("the TPM", signal);
        let cause = call.wait().exits_with(3).verdict("s").1.unwrap();
        assert!(cause.message.starts_with(said), "{cause:?}");
    }
}

#[test]
fn time_in_which_both_are_stopped_changes_nothing() {
    // With the factor of emulation, 4 s.
    let project = project("  - serial: { regex: never, within: 500ms }\n");
    let mut call = project.start_through("env", &[], &["s"]);
    call.read_until("never");
    call.signal_logged("QEMU", Signal::STOP);
    call.signal(Signal::STOP);
    sleep(Duration::from_secs(6));
    call.signal(Signal::CONT);
    call.signal_logged("QEMU", Signal::CONT);
    let cause = call.wait().exits_with(1).verdict("s").1.unwrap();
    assert!(
        cause.message.contains("more in which qa was stopped"),
        "{cause:?}"
    );
}

#[test]
fn ctrl_z_pauses_the_machine_and_it_goes_on() {
    let project = project("  - serial: { absent: panic, for: 2s }\n");
    let mut call = project.start_through("env", &[], &["s"]);
    call.read_until("/panic/");
    call.signal(Signal::TSTP);
    call.awaits_log("\"execute\":\"stop\"");
    sleep(Duration::from_secs(1));
    call.signal(Signal::CONT);
    call.wait().exits_with(0);
}

//! A firmware that finds nothing to start: no guest is to blame that never ran.

use qa_tests::{Fake, act, on};
use reports::CauseKind;

use crate::steps;

#[test]
fn a_wait_for_a_guest_that_was_never_started_says_so_and_names_the_other_preset() {
    let said = "SeaBIOS (version 1.16.2)\nBooting from Hard Disk...\nBoot failed: not a bootable disk\n\n\
        No bootable device.\n";
    let outcome = steps("- serial: { regex: ready, within: 100ms }")
        .machine(Fake::new().on(on::boot(), [act::say_as_firmware(said)]))
        .exit_code(1);
    let cause = outcome.cause_of("s", CauseKind::Deadline);
    assert!(
        cause
            .message
            .starts_with("the firmware found nothing to start (`No bootable device.`); "),
        "{cause:?}"
    );
    assert!(
        cause.hints.iter().any(|hint| hint.contains("uefi-x86_64")),
        "{cause:?}"
    );
    assert!(outcome.file("s/firmware.log").contains("No bootable"));
}

#[test]
fn a_guest_that_was_started_in_the_end_is_to_blame_itself() {
    let twice = "SeaBIOS (version 1.16.2)\nNo bootable device.\nSeaBIOS (version 1.16.2)\nBooting from Hard Disk...\n";
    let cause = steps("- serial: { regex: ready, within: 100ms }")
        .machine(Fake::new().on(on::boot(), [act::say_as_firmware(twice)]))
        .exit_code(1)
        .cause("s");
    assert!(!cause.message.contains("firmware"), "{cause:?}");
}

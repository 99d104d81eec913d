//! Power and storage that do not do what they should.

use reports::{CauseKind, Verdict};

use super::{on_board, project, run_on, run_on_board, says, told};

#[test]
fn a_switch_that_does_not_answer_ends_at_its_limit() {
    let board = "commands: { on: sleep 1000, off: 'true', write: 'true', limit: 200ms }\npower: commands\n\
        storage: commands\n";
    let outcome = run_on(board, "- note: x").exit_code(3);
    let told = told(&outcome, CauseKind::Launch);
    says(&told, &["board `mars`", "the power command `on`", "200ms"]);
    says(
        &outcome.file("s/board.log"),
        &["power on: the power command `on`"],
    );
}

#[test]
fn a_switch_that_fails_later_is_no_failure_of_the_system() {
    // The first call is that before the start.
    let board = "commands: { on: touch on, off: 'rm -f on; [ -e did ] && echo no relay >&2 && exit 1; touch did', \
        write: 'true' }\n\
        power: commands\nstorage: commands\n";
    let outcome = run_on(board, "- power: cut").exit_code(3);
    assert_eq!(outcome.verdict("s").0, Verdict::Error);
    says(&outcome.cause("s").message, &["no relay"]);
}

#[test]
fn a_card_that_is_smaller_than_the_image_is_told() {
    let small = project("").replacen(
        "cp \"$QA_IMAGE\" card",
        "dd if=\"$QA_IMAGE\" of=/dev/full bs=1M",
        1,
    );
    let outcome = run_on_board("", "- note: x").project(&small).exit_code(3);
    let told = told(&outcome, CauseKind::Launch);
    says(
        &told,
        &["board `mars`", "No space left on device", "larger"],
    );
    assert!(!outcome.run_folder().join("../../on").exists());
}

#[test]
fn a_board_that_starts_another_image_fails_the_assertion_of_the_scenario() {
    let steps = "- serial: 'login: '\n- run: { command: echo version 1, output: version 2 }\n";
    let outcome = on_board("", steps).args(["run", "s"]).exit_code(1);
    assert_eq!(outcome.verdict("s").0, Verdict::Failed);
}

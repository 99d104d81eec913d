//! `put` and `get` over the serial line of a board, in a real shell on a terminal.

use reports::CauseKind;

use super::{run_on_board, says, told};

#[test]
fn any_bytes_go_into_a_board_and_come_back() {
    let bytes: Vec<u8> = (0..=255_u8).cycle().take(9000).collect();
    let steps = r#"
- serial: 'login: '
- put: { file: files/all, to: '{{ place }}/a file' }
- put: { text: "it's\n100% \\\n", to: '{{ place }}/text', mode: 0600 }
- run: cmp '{{ place }}/text' '{{ place }}/files/text'
- run: { command: "stat -c %a '{{ place }}/text'", output: '^600$' }
- get: '{{ place }}/a file'
- get: { file: '{{ place }}/text', save: text }
- assert: text matches /^it's\n100% .$/
- get: { file: '{{ place }}/none', optional: true }
"#;
    let qa = run_on_board("vars: { place: /none }\n", steps)
        .file("files/all", &bytes)
        .file("files/text", "it's\n100% \\\n");
    let place = format!("place={}", qa.root().display());
    let outcome = qa.args(["--var", &place]).exit_code(0);
    let kept = std::fs::read(outcome.run_folder().join("s/files/a-file"));
    assert!(kept.expect("the file") == bytes);
    assert!(outcome.file("events.jsonl").contains("/none`: "));
}

#[test]
fn a_board_that_refuses_a_file_is_failed_with_its_words() {
    let steps = "- serial: 'login: '\n- put: { text: x, to: /none/of/these/x }\n";
    let outcome = run_on_board("", steps).exit_code(1);
    let words = told(&outcome, CauseKind::Command);
    says(
        &words,
        &[
            "`/none/of/these/x` cannot be written in the guest:",
            "mkdir -p",
        ],
    );
    let steps = "- serial: 'login: '\n- get: /none/of/these/x\n";
    let outcome = run_on_board("", steps).exit_code(1);
    let words = told(&outcome, CauseKind::Command);
    says(
        &words,
        &[
            "`/none/of/these/x` cannot be copied",
            "No such file or directory",
        ],
    );
}

//! Every reader of what others write takes its corpus and some changes of it; `make fuzz` tries a million.

use std::process::{Command, Stdio};

#[test]
fn no_reader_breaks_on_its_corpus_or_on_what_is_made_of_it() {
    let fuzz = env!("CARGO_BIN_EXE_fuzz");
    let targets = [
        "yaml",
        "needle",
        "picture",
        "screendump",
        "qmp",
        "agent",
        "serial",
        "event-log",
        "openqa",
    ];
    let running = targets.map(|target| {
        let mut command = Command::new(fuzz);
        command.args([target, "60", "1"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        (target, command.spawn().unwrap())
    });
    for (target, child) in running {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains(" executions, seed 1,"),
            "{target}: {}{said}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

//! `--help` of every command, as it is printed.

use crate::qa;

#[test]
fn help_of_every_command() {
    for command in [
        "",
        "run",
        "resume",
        "list",
        "check",
        "doctor",
        "image",
        "image build",
        "image list",
        "image verify",
        "needle",
        "needle match",
        "needle check",
        "needle show",
        "needle crop",
        "needle bump",
        "needle replay",
        "cache",
        "cache list",
        "cache prune",
        "cache verify",
        "report",
        "schema",
        "completions",
    ] {
        let words = command.split_whitespace().chain(["--help"]);
        let outcome = qa().args(words).any_stdout().exit_code(0);
        let name = format!(
            "help-{}",
            if command.is_empty() { "qa" } else { command }.replace(' ', "-")
        );
        insta::with_settings!({
            snapshot_path => "../golden", prepend_module_to_snapshot => false, omit_expression => true
        }, {
            insta::assert_snapshot!(name, outcome.stdout());
        });
    }
}

#[test]
fn version_is_the_packages() {
    qa().args(["--version"])
        .stdout(&format!("qa {}\n", env!("CARGO_PKG_VERSION")))
        .exit_code(0);
}

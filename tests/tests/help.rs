//! `--help` of every command, as it is printed.

use std::{collections::BTreeSet, fs, path::Path};

use crate::qa;

/// Appends the words after `qa` of a command, and of all below it.
fn collect(command: &clap::Command, words: &str, all: &mut BTreeSet<String>) {
    all.insert(words.to_owned());
    for inner in command.get_subcommands() {
        collect(inner, format!("{words} {}", inner.get_name()).trim(), all);
    }
}

/// Returns the name of the golden file of a command.
fn golden(words: &str) -> String {
    let command = if words.is_empty() { "qa" } else { words };
    format!("help-{}", command.replace(' ', "-"))
}

#[test]
fn help_of_every_command() {
    let mut commands = BTreeSet::new();
    collect(&runner::command_line(), "", &mut commands);
    assert!(commands.len() > 20, "{commands:?}");
    for command in &commands {
        let words = command.split_whitespace().chain(["--help"]);
        let outcome = qa().args(words).any_stdout().exit_code(0);
        insta::with_settings!({
            snapshot_path => "../golden", prepend_module_to_snapshot => false, omit_expression => true
        }, {
            insta::assert_snapshot!(golden(command), outcome.stdout());
        });
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let files = fs::read_dir(folder).unwrap();
    let names = files.map(|file| file.unwrap().file_name().to_string_lossy().into_owned());
    let shown: BTreeSet<String> = names
        .filter_map(|name| name.strip_suffix(".snap").map(str::to_owned))
        .filter(|name| name.starts_with("help-"))
        .collect();
    let expected: BTreeSet<String> = commands.iter().map(|words| golden(words)).collect();
    assert_eq!(shown, expected, "each golden file is of a command");
}

#[test]
fn version_is_the_packages() {
    qa().args(["--version"])
        .stdout(&format!("qa {}\n", env!("CARGO_PKG_VERSION")))
        .exit_code(0);
}

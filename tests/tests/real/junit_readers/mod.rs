//! `junit.xml` and TAP, read by programs that others wrote. Each says what it has understood, as JSON.
//!
//! The reader of the GitHub action `mikepenz/action-junit-report` is in no package registry. In its place stands
//! `test-results-parser`: it judges each case, too, and reads attachments and properties out of its output.

mod allure;
mod junitparser;
mod made_up;
mod tap_parser;
mod test_results_parser;
mod xunit_viewer;

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::host::repository;

/// The folder in which `make readers` installs the readers.
fn readers() -> PathBuf {
    repository().join("target/tools/readers")
}

/// Returns the path of an installed program. Fails if it is missing.
fn installed(path: &str) -> PathBuf {
    let path = readers().join(path);
    assert!(
        path.exists(),
        "there is no `{}`; `make readers` installs it",
        path.display()
    );
    path
}

/// Runs a reader in the folder where it is installed, and returns what it prints.
fn run(command: &mut Command, input: &str) -> String {
    command.current_dir(readers()).stdin(Stdio::piped());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}; `make readers` installs it"));
    // A reader that ends early does not read all of it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let talk = String::from_utf8_lossy(&output.stderr);
    assert!(!said.is_empty(), "{command:?} said nothing: {talk}");
    said
}

fn json_of(said: &str) -> Value {
    serde_json::from_str(said).unwrap_or_else(|error| panic!("{error}: {said}"))
}

/// Runs a program for Node.js that prints JSON about a file.
fn node(package: &str, program: &str, file: PathBuf) -> Value {
    installed(&format!("node_modules/{package}"));
    let mut command = Command::new("node");
    command
        .args(["--input-type=module", "--eval", program])
        .arg(file);
    json_of(&run(&mut command, ""))
}

/// Returns the item of a list with this name.
#[track_caller]
fn named<'v>(list: &'v Value, name: &str) -> &'v Value {
    let mut items = list.as_array().unwrap().iter();
    let found = items.find(|item| item["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {list}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

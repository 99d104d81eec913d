//! What packages of `qa` are made of: manual pages, what they recommend, and the licence of the glyphs.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use crate::qa;

fn text(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Appends the file names of the pages of a command and of those below it.
fn pages(command: &clap::Command, name: &str, all: &mut BTreeSet<String>) {
    all.insert(format!("{name}.1"));
    for inner in command
        .get_subcommands()
        .filter(|inner| !inner.is_hide_set())
    {
        pages(inner, &format!("{name}-{}", inner.get_name()), all);
    }
}

#[test]
fn every_command_has_a_manual_page_and_there_are_no_others() {
    let mut expected = BTreeSet::new();
    pages(&runner::command_line(), "qa", &mut expected);
    let call = qa().args(["man", "man/man1"]);
    let folder = call.root().join("man/man1");
    // The folder is there as long as this is.
    let _outcome = call.exit_code(0);
    let mut found = BTreeSet::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let page = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let words = name.trim_end_matches(".1");
        assert!(page.contains(&format!(".TH {words} 1")), "{name}: {page}");
        found.insert(name);
    }
    assert!(expected.len() > 30, "{expected:?}");
    assert_eq!(found, expected);
}

#[test]
fn pages_that_cannot_be_written_are_told() {
    qa().file("here", "")
        .args(["man", "here/man1"])
        .stderr_has("error: cannot write manual pages to here/man1: ")
        .stderr_has("next: name a folder that you may write to")
        .exit_code(3);
}

/// `qa doctor` names packages of this host's distribution, so another one has nothing to compare.
#[test]
fn the_package_for_debian_recommends_what_doctor_wants() {
    if !Path::new("/etc/debian_version").exists() {
        return;
    }
    let control = text("runner/packaging/control");
    let recommended = control
        .lines()
        .find_map(|line| line.strip_prefix("Recommends: "));
    let recommended: BTreeSet<&str> = recommended.unwrap().split(", ").collect();
    let outcome = qa()
        .without_program("qemu-img")
        .args(["doctor", "--format", "json"])
        .any_stdout()
        .any_exit_code();
    let facts: Value = serde_json::from_str(outcome.stdout()).unwrap();
    let missing = facts["missing"].as_array().unwrap();
    let wanted: Vec<&str> = missing
        .iter()
        .filter(|missing| missing["required"] == true)
        .flat_map(|missing| missing["packages"].as_array().unwrap())
        .map(|package| package.as_str().unwrap())
        .collect();
    assert!(wanted.contains(&"qemu-utils"), "{wanted:?}");
    for package in wanted {
        assert!(recommended.contains(package), "{package}");
    }
}

#[test]
fn the_notice_about_the_glyphs_names_the_version_that_the_program_contains() {
    let lock = text("Cargo.lock");
    let (_, entry) = lock.split_once("name = \"unifont\"\n").unwrap();
    let version = entry.lines().next().unwrap().trim_end_matches('"');
    let (_, glyphs) = version.split_once("+data-").unwrap();
    let notice = text("runner/packaging/copyright");
    let said = format!("The version of the glyphs is {glyphs}.");
    assert!(notice.contains(&said), "{said}");
}

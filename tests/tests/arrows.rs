//! The dependency arrows of the design, read from the manifests.

use std::{collections::BTreeSet, fs, path::Path};

/// The crates of the workspace that a manifest's `[dependencies]` name.
fn dependencies(folder: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(folder)
        .join("Cargo.toml");
    let manifest =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let table = manifest
        .split("\n[dependencies]\n")
        .nth(1)
        .unwrap_or_default();
    let table = table.split("\n[").next().unwrap_or_default();
    let names = table
        .lines()
        .filter_map(|line| line.split(['.', ' ', '=']).next());
    names
        .filter(|name| ["needles", "reports", "runner", "scenarios", "vm"].contains(name))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_runner_knows_all_others() {
    assert_eq!(
        dependencies("runner"),
        ["needles", "reports", "scenarios", "vm"]
            .map(str::to_owned)
            .into()
    );
}

#[test]
fn none_of_the_others_knows_another() {
    for folder in ["needles", "reports", "scenarios", "vm"] {
        assert_eq!(dependencies(folder), BTreeSet::new(), "{folder}");
    }
}

#[test]
fn scenarios_and_needles_are_pure() {
    for folder in ["scenarios", "needles", "reports"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(folder)
            .join("Cargo.toml");
        let manifest = fs::read_to_string(path).unwrap();
        assert!(!manifest.contains("tokio"), "{folder} waits for nothing");
    }
}

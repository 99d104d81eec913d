//! Who may know whom: the crates by their manifests, the files of a crate by their imports.

mod circles;
mod modules;
mod rust_file;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use modules::Modules;

/// Crates that compute values from values: they open no file, wait for nothing and ask no clock.
const PURE: [&str; 3] = ["needles", "reports", "scenarios"];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

/// The names in a manifest's `[dependencies]`. Panics if there is no such table.
fn dependencies(crate_folder: &str) -> BTreeSet<String> {
    let path = folder(crate_folder).join("Cargo.toml");
    let manifest =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines = manifest
        .lines()
        .skip_while(|line| *line != "[dependencies]");
    let names: BTreeSet<String> = lines
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .map(str::to_owned)
        .collect();
    assert!(
        !names.is_empty(),
        "{} has no [dependencies]",
        path.display()
    );
    names
}

/// The crates of the workspace that a crate depends on.
fn known_crates(crate_folder: &str) -> Vec<String> {
    let mut names = dependencies(crate_folder);
    names.retain(|name| {
        ["needles", "reports", "runner", "scenarios", "vm"].contains(&name.as_str())
    });
    names.into_iter().collect()
}

#[test]
fn the_runner_knows_all_others() {
    assert_eq!(
        known_crates("runner"),
        ["needles", "reports", "scenarios", "vm"]
    );
}

#[test]
fn none_of_the_others_knows_another() {
    for name in ["needles", "reports", "scenarios", "vm"] {
        assert_eq!(known_crates(name), [""; 0], "{name}");
    }
}

#[test]
fn pure_crates_depend_on_nothing_that_waits() {
    for name in PURE {
        let dependencies = dependencies(name);
        for other in ["mio", "polling", "qapi", "rustix", "tempfile", "tokio"] {
            assert!(!dependencies.contains(other), "{name} depends on {other}");
        }
    }
}

#[test]
fn pure_crates_use_no_file_no_process_and_no_clock() {
    const IMPURE: [&str; 8] = [
        "std::env",
        "std::fs",
        "std::io::stdin",
        "std::net::TcpStream",
        "std::process",
        "std::thread",
        "std::time::Instant",
        "std::time::SystemTime",
    ];
    for name in PURE {
        for (file, path) in Modules::read(&folder(name).join("src")).paths() {
            let path = path.join("::");
            let is_impure =
                |impure: &&str| path == **impure || path.starts_with(&format!("{impure}::"));
            assert!(!IMPURE.iter().any(is_impure), "{name}: {file} uses {path}");
        }
    }
}

#[test]
fn files_import_from_where_a_thing_is_defined() {
    /// The crates in which this holds already.
    const CRATES: [&str; 2] = ["needles", "scenarios"];
    for name in CRATES {
        let through_root = Modules::read(&folder(name).join("src")).imports_through_root();
        assert!(
            through_root.is_empty(),
            "{name}: {}",
            through_root.join(", ")
        );
    }
}

//! No line of Rust is longer than 120 columns: the formatter breaks neither comments nor strings.

use std::{fs, path::Path};

const MOST_COLUMNS: usize = 120;

/// The folders of the workspace with Rust in them.
const CRATES: [&str; 6] = ["needles", "reports", "runner", "scenarios", "tests", "vm"];

/// Appends each long line below `folder`, with its place.
fn collect(root: &Path, folder: &Path, long: &mut Vec<String>) {
    let entries = fs::read_dir(folder);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            collect(root, &path, long);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            for (number, line) in (1..).zip(text.lines()) {
                let columns = line.chars().count();
                if columns > MOST_COLUMNS {
                    let path = path.strip_prefix(root).unwrap().display();
                    long.push(format!("{path}:{number} has {columns}"));
                }
            }
        }
    }
}

#[test]
fn no_line_is_longer_than_120_columns() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut long = Vec::new();
    for folder in CRATES {
        collect(&root, &root.join(folder), &mut long);
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

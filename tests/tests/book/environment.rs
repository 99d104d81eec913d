//! The page of environment variables has those that the code reads, and no others.

use std::{collections::BTreeSet, fs, path::Path};

use regex::Regex;

use super::page::{page, root};

/// The folders of the product's sources.
const SOURCES: [&str; 5] = [
    "needles/src",
    "reports/src",
    "runner/src",
    "scenarios/src",
    "vm/src",
];

/// The program that builds images.
const BUILDER: &str = "vm/images/build";

/// What that program tells itself.
const ITS_OWN: &str = "QA_IMAGE_INSIDE";

/// Appends the text of each source below a folder, without what is for tests alone.
fn collect(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            collect(&path, text);
        } else if name.ends_with(".rs") && !name.contains("tests") {
            let source = fs::read_to_string(&path).unwrap();
            text.push_str(source.split("#[cfg(test)]\nmod tests {").next().unwrap());
        }
    }
}

/// Returns the text of all sources of the product.
pub(super) fn sources() -> String {
    let mut text = String::new();
    for folder in SOURCES {
        collect(&root().join(folder), &mut text);
    }
    text
}

/// Returns the variables that the code reads by name.
fn read_by_code(sources: &str, builder: &str) -> BTreeSet<String> {
    let named = Regex::new(r#"var(?:_os)?\("([A-Z_]+)"\)|"(QA_[A-Z_]+)""#).unwrap();
    let in_shell = Regex::new(r"\$\{?(QA_[A-Z_]+)").unwrap();
    let found = named
        .captures_iter(sources)
        .chain(in_shell.captures_iter(builder));
    found
        .filter_map(|capture| {
            capture
                .iter()
                .flatten()
                .nth(1)
                .map(|name| name.as_str().to_owned())
        })
        .filter(|name| name != ITS_OWN)
        .collect()
}

#[test]
fn the_page_of_variables_has_all_that_the_code_reads_and_no_others() {
    let builder = fs::read_to_string(root().join(BUILDER)).unwrap();
    let sources = sources();
    let page = page("docs/src/reference/environment.md");
    let cells = page
        .text
        .lines()
        .filter_map(|line| line.strip_prefix("| `"));
    let cells = cells.filter_map(|line| line.split(" | ").next());
    let told: BTreeSet<String> = cells
        .flat_map(|cell| cell.split(", "))
        .map(|name| name.trim_matches('`').to_owned())
        .collect();
    let read = read_by_code(&sources, &builder);
    let untold: Vec<_> = read.difference(&told).collect();
    assert!(untold.is_empty(), "not on the page: {untold:?}");
    for name in &told {
        let quoted = format!("\"{name}\"");
        assert!(
            sources.contains(&quoted) || read.contains(name),
            "nothing reads {name}"
        );
    }
}

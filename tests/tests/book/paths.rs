//! The map of the code is true: every file, folder and function that ARCHITECTURE.md and CONTRIBUTING.md name exists.

use super::environment::sources;
use super::page::{page, root};

/// The pages that lead through the code.
const MAPS: [&str; 2] = ["ARCHITECTURE.md", "CONTRIBUTING.md"];

/// The folders with which a path begins.
const FOLDERS: [&str; 7] = [
    "docs",
    "needles",
    "reports",
    "runner",
    "scenarios",
    "tests",
    "vm",
];

/// Returns true for the path of a file or folder, from the root of the repository.
fn is_path(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let folder = text.split_once('/').map(|(folder, _)| folder);
    folder.is_some_and(|folder| FOLDERS.contains(&folder)) && text.chars().all(is_plain)
}

/// Returns type and function of `Type::function`.
fn function(text: &str) -> Option<(&str, &str)> {
    let (kind, function) = text.split_once("::")?;
    let is_word = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_type = kind.starts_with(|c: char| c.is_ascii_uppercase());
    (is_type && is_word(kind) && is_word(function)).then_some((kind, function))
}

/// Returns what is wrong with a code span.
fn wrong(text: &str, sources: &str) -> Option<String> {
    if is_path(text) && !root().join(text).exists() {
        return Some(format!("there is no {text}"));
    }
    let (kind, function) = function(text)?;
    let exists = sources.contains(kind) && sources.contains(&format!("fn {function}("));
    (!exists).then(|| format!("no code has {text}"))
}

#[test]
fn every_file_folder_and_function_of_the_map_exists() {
    let sources = sources();
    let spans: Vec<_> = MAPS.iter().flat_map(|map| page(map).code_spans()).collect();
    let paths = spans.iter().filter(|span| is_path(&span.text)).count();
    assert!(paths > 60, "{paths}");
    let problems: Vec<String> = spans
        .iter()
        .filter_map(|span| Some(format!("{}: {}", span.at, wrong(&span.text, &sources)?)))
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn what_does_not_exist_is_found() {
    let sources = sources();
    for good in [
        "runner/src/engine/",
        "make fast",
        "Event",
        "Recorder::record",
    ] {
        assert_eq!(wrong(good, &sources), None);
    }
    for bad in [
        "runner/src/nothing.rs",
        "Recorder::does_nothing",
        "NoSuchType::record",
    ] {
        assert!(wrong(bad, &sources).is_some(), "{bad}");
    }
}

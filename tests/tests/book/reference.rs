//! The reference is what the code reads: its pages are made of the tables by which files and calls are read, and a test
//! compares them with those of the book. `INSTA_UPDATE=always` writes them anew, as it does golden files.

mod commands;
mod event_log;
mod fields;
mod files;
mod verbs;
mod words;

use std::fs;

use super::page::{BOOK, root};

/// The first line of every page that is made.
const HEAD: &str =
    "<!-- Made from the code that reads it; `make reference` writes it anew. Do not edit. -->\n\n";

/// Returns the pages: name and text.
fn made() -> Vec<(&'static str, String)> {
    let scenario = serde_json::to_value(scenarios::scenario_schema()).unwrap();
    let project = serde_json::to_value(scenarios::project_schema()).unwrap();
    let log = serde_json::to_value(reports::log_schema()).unwrap();
    vec![
        ("commands", commands::page(runner::command_line())),
        ("event-log", event_log::page(&log)),
        ("findings", words::findings()),
        ("keys", words::keys()),
        ("project", files::project(&project)),
        ("scenario", files::scenario(&scenario)),
        ("verbs", verbs::page(&scenario)),
        ("verdicts", words::verdicts()),
        ("watches", files::watches(&scenario, &project)),
    ]
}

#[test]
fn the_reference_is_what_the_code_reads() {
    let is_rewritten = std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always");
    let mut old = Vec::new();
    for (name, text) in made() {
        let text = format!("{HEAD}{text}");
        let path = root().join(BOOK).join(format!("reference/{name}.md"));
        if fs::read_to_string(&path).unwrap_or_default() == text {
            continue;
        }
        if is_rewritten {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
        } else {
            old.push(name);
        }
    }
    assert!(
        old.is_empty(),
        "{old:?} of docs/src/reference are not what the code reads; `make reference` writes them anew"
    );
}

/// Returns text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

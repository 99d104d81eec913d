//! The result of a run as JSON.

use std::collections::BTreeSet;

use reports::{Run, SCHEMA, json};
use serde_json::Value;

use crate::sample::{RUNS, log_of};

const FOLDER: &str = "/srv/qa-results/20261124-020304";

/// Reads a document.
pub(crate) fn read(text: &str) -> Value {
    text.parse().expect("one JSON document")
}

fn written(name: &str) -> String {
    json(&Run::of(&log_of(name)), FOLDER).expect("a document")
}

#[test]
fn every_run_has_its_document() {
    for name in RUNS {
        let text = written(name);
        assert_eq!(read(&text)["schema"], SCHEMA);
        // Hundreds of attempts show nothing that the others do not.
        if ["repeated", "parallel"].contains(&name) {
            continue;
        }
        insta::assert_snapshot!(format!("json_{name}"), text);
    }
}

#[test]
fn a_program_finds_what_failed_where_and_why() {
    let document = read(&written("failed-look"));
    assert_eq!(document["totals"]["failed"], 1);
    assert_eq!(document["totals"]["gating"], 1);
    assert_eq!(document["exit_status"], 1);
    let scenario = &document["scenarios"][0];
    assert_eq!(scenario["verdict"], "failed");
    assert_eq!(scenario["cause"]["kind"], "deadline");
    assert_eq!(scenario["line"], 9);
    let steps = scenario["attempts"][0]["steps"].as_array().expect("steps");
    let failed = steps.last().expect("a step");
    assert_eq!(failed["number"], "3.2");
    assert_eq!(failed["outcome"], "failed");
    assert_eq!(
        failed["evidence"]["frame"]["file"],
        "gnome-login/frames/0004.png"
    );
}

/// Adds the names of all fields.
fn fields(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                found.insert(name.clone());
                fields(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fields(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_book_has_every_field() {
    let page = include_str!("../../../docs/src/report-json.md");
    let mut found = BTreeSet::new();
    for name in RUNS {
        fields(&read(&written(name)), &mut found);
    }
    let missing: Vec<_> = found
        .iter()
        .filter(|name| !page.contains(&format!("`{name}`")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

//! The schema of the event log accepts what is written, and nothing else.

use jsonschema::Validator;
use proptest::prelude::*;
use reports::log_schema;
use serde_json::{Value, json};

use crate::sample::{RUNS, log_of, random};

fn schema() -> Validator {
    let schema = Value::from(log_schema());
    jsonschema::draft202012::new(&schema).expect("a schema")
}

/// Returns the first mistake of a line.
fn mistake(schema: &Validator, line: &Value) -> Option<String> {
    let mistake = schema.iter_errors(line).next()?;
    Some(format!(
        "{mistake} at {} in {line}",
        mistake.instance_path()
    ))
}

#[test]
fn every_line_of_the_sample_runs_is_valid() {
    let schema = schema();
    // `hostile` has numbers that are none, which JSON cannot write. The engine never computes them.
    for name in RUNS.iter().filter(|name| **name != "hostile") {
        for entry in log_of(name) {
            let line = serde_json::to_value(&entry).expect("JSON");
            assert_eq!(mistake(&schema, &line), None, "{name}");
        }
    }
}

#[test]
fn what_is_no_line_of_a_log_is_refused() {
    let schema = schema();
    let good = json!({ "seq": 0, "at_ms": 1, "host": "h", "event": "note", "text": "t" });
    assert_eq!(mistake(&schema, &good), None);
    let with = |name: &str, value: Value| {
        let mut line = good.clone();
        line[name] = value;
        line
    };
    let mut without_time = good.clone();
    without_time.as_object_mut().expect("a map").remove("at_ms");
    for bad in [
        with("event", json!("no-such-event")),
        with("text", json!(7)),
        with("attempt", json!("first")),
        with("seq", json!(-1)),
        without_time,
        json!([]),
    ] {
        assert!(mistake(&schema, &bad).is_some(), "{bad}");
    }
    // A later version may add fields.
    assert_eq!(mistake(&schema, &with("new", json!(1))), None);
}

#[test]
fn every_event_and_every_field_is_explained() {
    fn unexplained(schema: &Value, at: &str, found: &mut Vec<String>) {
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            // The tag of an event, or of one of several forms, is explained by what it names. A form with one field has
            // the explanation of its field.
            let is_tag = field.get("const").is_some();
            let is_form = at.contains("/oneOf/")
                && schema["properties"].as_object().map(|all| all.len()) == Some(1);
            if field.get("description").is_none() && !is_tag && !is_form {
                found.push(format!("{at}/{name}"));
            }
            unexplained(field, &format!("{at}/{name}"), found);
        }
        for (number, one) in schema["oneOf"].as_array().into_iter().flatten().enumerate() {
            if one.get("description").is_none() {
                found.push(format!("{at}/oneOf/{number}"));
            }
            unexplained(one, &format!("{at}/oneOf/{number}"), found);
        }
        for (name, one) in schema["$defs"].as_object().into_iter().flatten() {
            unexplained(one, &format!("{at}/{name}"), found);
        }
    }
    let mut found = Vec::new();
    unexplained(&Value::from(log_schema()), "", &mut found);
    assert_eq!(found, [""; 0]);
}

proptest! {
    #[test]
    fn every_line_that_can_be_written_is_valid(log in random::entries()) {
        // Making a validator takes milliseconds, and there are hundreds of logs.
        thread_local! {
            static SCHEMA: Validator = schema();
        }
        for entry in &log {
            let line = serde_json::to_value(entry).expect("JSON");
            let found = SCHEMA.with(|schema| mistake(schema, &line));
            prop_assert_eq!(found, None);
        }
    }
}

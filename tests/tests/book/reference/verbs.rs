//! The page of the verbs.

use scenarios::Verb;
use serde_json::Value;

use super::fields::{alternatives, properties, table, value};

const INTRODUCTION: &str = "\
# Verbs

A step is a verb with its fields: `see: login`, or `see: { needle: login, within: 60s }`. [Write a scenario]\
(../scenarios.md) shows them in use.

In the tables, *text* may contain variables, `{{ name }}`. Durations and most numbers may, too. A *duration* is a \
number with a unit, such as `500ms`, `90s` or `1h30m`. A *condition* is explained in [Write a scenario]\
(../scenarios.md#groups-conditions-and-loops).

";

/// Returns the page.
pub(super) fn page(schema: &Value) -> String {
    let mut text = INTRODUCTION.to_owned();
    let names: Vec<String> = Verb::ALL
        .iter()
        .map(|verb| format!("[`{0}`](#{0})", verb.name()))
        .collect();
    text.push_str(&format!("{}\n\n", names.join(" ")));
    let is_verb = |name: &str| Verb::from_name(name).is_some();
    text.push_str("## Fields of every step\n\n");
    text.push_str("You can write them beside the verb, or among its own fields.\n\n");
    text.push_str(&table(&schema["$defs"]["step"], &is_verb));
    let step = properties(&schema["$defs"]["step"]).unwrap();
    let is_of_every_step = |name: &str| step.contains_key(name) && !is_verb(name);
    for verb in Verb::ALL {
        text.push_str(&of(
            verb.name(),
            &schema["$defs"][verb.name()],
            &is_of_every_step,
        ));
    }
    text
}

/// Returns the section of a verb.
fn of(name: &str, schema: &Value, is_of_every_step: &dyn Fn(&str) -> bool) -> String {
    let doc = schema["description"].as_str().unwrap_or_default();
    let mut text = format!("\n## {name}\n\n{doc}\n\n");
    let is_map = |one: &&Value| one["properties"].is_object();
    let short: Vec<Value> = alternatives(schema)
        .into_iter()
        .filter(|one| !is_map(one))
        .cloned()
        .collect();
    if !short.is_empty() {
        let short = serde_json::json!({ "anyOf": short });
        let value = match value(&short).as_str() {
            "nothing" => format!("`{name}:` alone"),
            other => format!("`{name}:` {}", other.replace("nothing", "alone")),
        };
        text.push_str(&format!("Short form: {value}\n\n"));
    }
    let has_own = properties(schema)
        .is_some_and(|fields| fields.keys().any(|field| !is_of_every_step(field)));
    if has_own {
        text.push_str(&table(schema, is_of_every_step));
    }
    text.trim_end().to_owned() + "\n"
}

//! The page of the event log.

use serde_json::{Map, Value};

use super::cell;

const HEAD: &str = "# The event log\n\n\
    `events.jsonl` in the folder of a run has one JSON object on each line. Every report is made from it. \
    `qa schema log` prints the JSON Schema of a line:\n\n\
    ```sh\n\
    qa schema log > log.schema.json\n\
    ```\n\n\
    - A line that is there is complete. The last line may be cut off, if `qa` was killed while it wrote it.\n\
    - A later version of `qa` may add fields and events. A program should ignore what it does not know. `format` in \
    the first line grows if something is removed, renamed or changes its meaning.\n\
    - A field that does not apply is absent, or `null`.\n\
    - Times end with `_ms` and are milliseconds. Files are relative to the folder of the run.\n\
    - Secrets are masked.\n\n";

/// Returns the page.
pub(super) fn page(schema: &Value) -> String {
    let mut text = HEAD.to_owned();
    text.push_str("## Each line\n\n`event` names what happened. These fields are the same for all events:\n\n");
    text.push_str(&table(schema, ""));
    text.push_str("\n## Events\n");
    for event in schema["oneOf"].as_array().unwrap() {
        let name = event["properties"]["event"]["const"].as_str().unwrap();
        text.push_str(&section("###", name, event, "event"));
    }
    text.push_str("\n## Parts of events\n");
    for (name, part) in schema["$defs"].as_object().unwrap() {
        text.push_str(&section("###", name, part, ""));
        for (tag, form) in forms(part) {
            let fields = fields(form, &tag).next().is_some();
            let word = format!("\n`{tag}`: {}\n", described(form));
            text.push_str(&word);
            if fields {
                text.push('\n');
                text.push_str(&table(form, &tag));
            }
        }
    }
    text
}

/// Returns the forms of a part that are maps, each with its tag or its name.
fn forms(part: &Value) -> Vec<(String, &Value)> {
    let forms = part["oneOf"].as_array().into_iter().flatten();
    let named = forms.filter_map(|form| {
        let properties = form["properties"].as_object()?;
        let tag = properties.iter().find_map(|(name, field)| {
            let value = field["const"].as_str()?;
            Some(format!("{name}: {value}"))
        });
        // A form without a tag is named by its only field.
        let name = tag.or_else(|| properties.keys().next().cloned())?;
        Some((name, form))
    });
    named.collect()
}

fn section(level: &str, name: &str, schema: &Value, tag: &str) -> String {
    let mut text = format!("\n{level} {name}\n\n{}\n", described(schema));
    let words = words(schema);
    if !words.is_empty() {
        text.push_str("\n| word | meaning |\n| --- | --- |\n");
        for (word, meaning) in words {
            text.push_str(&format!("| `{word}` | {} |\n", cell(meaning)));
        }
    }
    if fields(schema, tag).next().is_some() {
        text.push('\n');
        text.push_str(&table(schema, tag));
    }
    text
}

/// Returns the description of a schema.
fn described(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or_default()
}

/// Returns the words that a schema allows, each with its meaning.
fn words(schema: &Value) -> Vec<(&str, &str)> {
    let forms = schema["oneOf"].as_array().into_iter().flatten();
    let words = forms.filter_map(|form| Some((form["const"].as_str()?, described(form))));
    words.collect()
}

/// Returns the fields of a map, without the one that tells its form.
fn fields<'s>(schema: &'s Value, tag: &str) -> impl Iterator<Item = (&'s String, &'s Value)> {
    let none: &Map<String, Value> = NONE.get_or_init(Map::new);
    let fields = schema["properties"].as_object().unwrap_or(none);
    let tag = tag.split(':').next().unwrap_or_default().to_owned();
    fields
        .iter()
        .filter(move |(name, field)| **name != tag || field.get("const").is_none())
}

static NONE: std::sync::OnceLock<Map<String, Value>> = std::sync::OnceLock::new();

fn table(schema: &Value, tag: &str) -> String {
    let mut text = "| field | value | meaning |\n| --- | --- | --- |\n".to_owned();
    let required = schema["required"].as_array();
    for (name, field) in fields(schema, tag) {
        let is_required = required.is_some_and(|all| all.contains(&Value::from(name.as_str())));
        let optional = match is_required {
            true => "",
            false => " (optional)",
        };
        text.push_str(&format!(
            "| `{name}`{optional} | {} | {} |\n",
            value(field),
            cell(described(field))
        ));
    }
    text
}

/// Returns in words what a field holds.
fn value(field: &Value) -> String {
    if let Some(reference) = field["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or(reference);
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(all) = field["anyOf"].as_array() {
        let some = all.iter().filter(|one| one["type"] != "null");
        return some.map(value).collect::<Vec<_>>().join(" or ");
    }
    let mut types: Vec<&str> = match &field["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        other => panic!("what is {other} in {field}?"),
    };
    types.retain(|one| *one != "null");
    match types.as_slice() {
        ["string"] => "text".to_owned(),
        ["integer"] => "whole number".to_owned(),
        ["number"] => "number".to_owned(),
        ["boolean"] => "`true` or `false`".to_owned(),
        ["array"] => format!("list of {}", value(&field["items"])),
        ["object"] => "map".to_owned(),
        _ => panic!("what is {field}?"),
    }
}

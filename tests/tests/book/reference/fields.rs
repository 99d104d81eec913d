//! Tables of fields, made from a JSON Schema.

use serde_json::{Map, Value};

use super::cell;

/// A row of a table of fields.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    /// The path of the field: `from.needle`, `disks[].size`, `images.NAME.path`.
    path: String,
    is_required: bool,
    value: String,
    doc: String,
}

/// Returns the alternatives of a schema: those of its `anyOf`, or itself.
pub(super) fn alternatives(schema: &Value) -> Vec<&Value> {
    match schema["anyOf"].as_array() {
        Some(all) => all.iter().collect(),
        None => vec![schema],
    }
}

/// Returns the fields of the map that a schema allows; none where it allows no map with known fields.
pub(super) fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    let mut maps = alternatives(schema).into_iter();
    maps.find_map(|map| map["properties"].as_object())
}

/// Returns in words what a schema allows. A map of known fields has rows of its own; it is called a map.
pub(super) fn value(schema: &Value) -> String {
    let all = alternatives(schema);
    let is_variable = |one: &&Value| one["pattern"] == "\\{\\{";
    let mut words: Vec<String> = Vec::new();
    for one in all.iter().filter(|one| !is_variable(one)) {
        let is_list_of_former = one["type"] == "array" && !words.is_empty();
        let word = match is_list_of_former && words.last() == Some(&single(&one["items"])) {
            true => "a list".to_owned(),
            false => single(one),
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    match words.as_slice() {
        [] => "anything".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{}, or {last}", first.join(", ")),
    }
}

/// Returns in words what one alternative allows.
fn single(schema: &Value) -> String {
    if let Some(title) = schema["title"].as_str() {
        return title.to_owned();
    }
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or(reference).to_owned();
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words
            .iter()
            .map(|word| format!("`{}`", word.as_str().unwrap_or_default()))
            .collect();
        return words.join(" ");
    }
    if schema.get("anyOf").is_some() {
        return value(schema);
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => panic!("what is {schema}?"),
    };
    match types.as_slice() {
        ["string", "number", "boolean"] => "text".to_owned(),
        ["integer"] => match schema["minimum"].as_u64() {
            None | Some(0) => "whole number".to_owned(),
            Some(least) => format!("whole number, at least {least}"),
        },
        ["number"] => "number".to_owned(),
        ["boolean"] => "`true` or `false`".to_owned(),
        ["null"] => "nothing".to_owned(),
        ["array"] | ["array", "null"] => format!("list of {}", plural(&value(&schema["items"]))),
        ["object"] if schema["properties"].is_object() => "map".to_owned(),
        ["object"] | ["object", "null"] => {
            let inner = value(&schema["additionalProperties"]);
            format!("map from names to {}", plural(&inner))
        }
        _ => panic!("what is {schema}?"),
    }
}

fn plural(word: &str) -> String {
    match word {
        "text" => "texts".to_owned(),
        "map" => "maps".to_owned(),
        "step" => "steps".to_owned(),
        other => other.to_owned(),
    }
}

/// Appends a row for each field, and for the fields inside it. `skips` names fields that have a place of their own.
fn rows(schema: &Value, prefix: &str, skips: &dyn Fn(&str) -> bool, all: &mut Vec<Row>) {
    for one in alternatives(schema) {
        let Some(fields) = one["properties"].as_object() else {
            continue;
        };
        let required: Vec<&str> = one["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let (first, second): (Vec<_>, Vec<_>) = fields
            .iter()
            .partition(|(name, _)| required.contains(&name.as_str()));
        for (name, field) in first.into_iter().chain(second) {
            let path = format!("{prefix}{name}");
            if skips(&path) || all.iter().any(|row| row.path == path) {
                continue;
            }
            all.push(Row {
                path: path.clone(),
                is_required: required.contains(&name.as_str()),
                value: value(field),
                doc: field["description"].as_str().unwrap_or_default().to_owned(),
            });
            inner_rows(field, &path, skips, all);
        }
    }
}

/// Appends the rows of what is inside a field: of its map, its list, or its map from names.
fn inner_rows(field: &Value, path: &str, skips: &dyn Fn(&str) -> bool, all: &mut Vec<Row>) {
    rows(field, &format!("{path}."), skips, all);
    let map = properties(field);
    for one in alternatives(field) {
        // A map or a list of such maps: the fields are told once.
        let is_told = map.is_some() && properties(&one["items"]) == map;
        if one["items"].is_object() && !is_told {
            rows(&one["items"], &format!("{path}[]."), skips, all);
        }
        if one["additionalProperties"].is_object() {
            rows(
                &one["additionalProperties"],
                &format!("{path}.NAME."),
                skips,
                all,
            );
        }
    }
}

/// Returns the table of the fields of a schema.
pub(super) fn table(schema: &Value, skips: &dyn Fn(&str) -> bool) -> String {
    let mut all = Vec::new();
    rows(schema, "", skips, &mut all);
    print(&all)
}

fn print(rows: &[Row]) -> String {
    let mut text = "| field | value | meaning |\n| --- | --- | --- |\n".to_owned();
    for row in rows {
        let needed = if row.is_required { " (required)" } else { "" };
        text.push_str(&format!(
            "| `{}`{needed} | {} | {} |\n",
            row.path,
            cell(&row.value),
            cell(&row.doc)
        ));
    }
    text
}

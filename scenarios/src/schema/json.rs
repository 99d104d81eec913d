//! Converts the shape of a value to its schema.

use serde_json::{Map, Value, json};

use crate::step::{Modifiers, Verb};
use crate::yaml::{Field, Need, Shape};

/// A pattern for a variable in a text. Its value is known only when the scenario runs.
const VARIABLE: &str = r"\{\{";

/// Returns the schema of the value after a verb. The modifiers may be among the verb's own fields, but not among the
/// names of `set`.
pub(super) fn verb(verb: Verb) -> Value {
    let mut schema = with_modifiers(&verb.shape());
    schema.insert("description".to_owned(), json!(verb.doc()));
    Value::Object(schema)
}

fn with_modifiers(shape: &Shape) -> Map<String, Value> {
    match shape {
        Shape::Fields(tables) => {
            let mut all = tables.to_vec();
            all.push(Modifiers::FIELDS);
            fields(&all)
        }
        Shape::OneOf(shapes) => any_of(shapes.iter().map(with_modifiers)),
        other => schema(other),
    }
}

/// Returns the schema of a map with these fields.
pub(super) fn fields(tables: &[&[Field]]) -> Map<String, Value> {
    let all = || tables.iter().copied().flatten();
    let properties: Map<String, Value> =
        all().map(|own| (own.name.to_owned(), field(own))).collect();
    let required: Vec<&str> = all()
        .filter(|field| field.need == Need::Required)
        .map(|field| field.name)
        .collect();
    let mut map = object(json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    }));
    if !required.is_empty() {
        map.insert("required".to_owned(), json!(required));
    }
    map
}

/// Returns the schema of a field's value, with the field's description.
pub(super) fn field(field: &Field) -> Value {
    let mut schema = schema(&field.shape);
    schema.insert("description".to_owned(), json!(field.doc));
    Value::Object(schema)
}

fn schema(shape: &Shape) -> Map<String, Value> {
    object(match shape {
        // Scalars are kept as they are written: `type: 007` types `007`.
        Shape::Text => json!({ "type": ["string", "number", "boolean"] }),
        Shape::Condition => {
            json!({ "title": "condition", "type": ["string", "number", "boolean"] })
        }
        Shape::Duration => json!({
            "title": "duration",
            "type": "string",
            "pattern": format!(r"^\s*([0-9.]+(h|ms|m|s))+\s*$|{VARIABLE}"),
        }),
        Shape::Whole(least) => json!({ "type": "integer", "minimum": least }),
        Shape::Count => {
            json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, text_with_variable()] })
        }
        Shape::Number => json!({ "anyOf": [{ "type": "number" }, text_with_variable()] }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Nothing => json!({ "type": "null" }),
        Shape::Choice(words) => json!({ "enum": words }),
        Shape::Size => json!({
            "title": "size",
            "type": "string",
            "pattern": "^[0-9]+(M|MiB|G|GiB|T|TiB)$",
        }),
        Shape::Date => json!({
            "title": "day",
            "type": "string",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        }),
        Shape::BootDisk => json!({
            "title": "disk",
            "type": "string",
            "pattern": format!(r"^\s*(cd|disk([1-9][0-9]*)?)\s*$|{VARIABLE}"),
        }),
        Shape::Steps => {
            json!({ "type": "array", "items": { "$ref": "#/$defs/step" }, "minItems": 1 })
        }
        Shape::List(item) => json!({ "type": ["array", "null"], "items": schema(item) }),
        Shape::OneOrList(item) => {
            return any_of([
                schema(item),
                object(json!({ "type": "array", "items": schema(item) })),
            ]);
        }
        Shape::Fields(tables) => return fields(tables),
        Shape::Names(value) => {
            json!({ "type": ["object", "null"], "additionalProperties": schema(value) })
        }
        Shape::OneOf(shapes) => return any_of(shapes.iter().map(schema)),
    })
}

fn text_with_variable() -> Value {
    json!({ "type": "string", "pattern": VARIABLE })
}

/// Returns a schema that accepts any of these. Does not nest an `anyOf`, because editors show a flat one better.
fn any_of(schemas: impl IntoIterator<Item = Map<String, Value>>) -> Map<String, Value> {
    let mut all = Vec::new();
    for mut schema in schemas {
        match schema.remove("anyOf") {
            Some(Value::Array(inner)) if schema.is_empty() => all.extend(inner),
            Some(inner) => {
                schema.insert("anyOf".to_owned(), inner);
                all.push(Value::Object(schema));
            }
            None => all.push(Value::Object(schema)),
        }
    }
    object(json!({ "anyOf": all }))
}

/// Returns the map of a literal object.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => Map::from_iter([("const".to_owned(), other)]),
    }
}

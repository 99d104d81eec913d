//! The schemas of whole files.

use serde_json::{Map, Value, json};

use super::json;
use crate::project::Project;
use crate::scenario::Scenario;
use crate::step::{Modifiers, Verb};

/// Returns the schema of a scenario file, draft 2020-12.
pub fn scenario_schema() -> schemars::Schema {
    let mut schema = document("A scenario of qa", json::fields(&[Scenario::FIELDS]));
    let mut definitions = Map::new();
    definitions.insert("step".to_owned(), step());
    for verb in Verb::ALL {
        definitions.insert(verb.name().to_owned(), json::verb(*verb));
    }
    schema.insert("$defs".to_owned(), Value::Object(definitions));
    schema.into()
}

/// Returns the schema of the project file `qa.yaml`, draft 2020-12.
pub fn project_schema() -> schemars::Schema {
    document("A project of qa", json::fields(&[Project::FIELDS])).into()
}

fn document(title: &str, content: Map<String, Value>) -> Map<String, Value> {
    let mut document = Map::new();
    document.insert(
        "$schema".to_owned(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    document.insert("title".to_owned(), json!(title));
    document.extend(content);
    document
}

/// Returns the schema of a step: one verb, and the modifiers.
fn step() -> Value {
    let mut properties = Map::new();
    for verb in Verb::ALL {
        properties.insert(
            verb.name().to_owned(),
            json!({ "$ref": format!("#/$defs/{}", verb.name()) }),
        );
    }
    for modifier in Modifiers::FIELDS {
        properties.insert(modifier.name.to_owned(), json::field(modifier));
    }
    let one_verb: Vec<Value> = Verb::ALL
        .iter()
        .map(|verb| json!({ "required": [verb.name()] }))
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "oneOf": one_verb,
    })
}

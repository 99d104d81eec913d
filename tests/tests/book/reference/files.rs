//! The pages of scenario files, of `qa.yaml` and of watches.

use serde_json::Value;

use super::cell;
use super::fields::{alternatives, properties, table, value};

/// The fields that have pages of their own.
fn is_elsewhere(path: &str) -> bool {
    ["steps", "watch"].contains(&path)
}

/// Returns the page of scenario files.
pub(super) fn scenario(schema: &Value) -> String {
    let steps = &schema["properties"]["steps"]["description"];
    let watch = &schema["properties"]["watch"]["description"];
    format!(
        "# Scenario files\n\n\
        A scenario is a YAML file in a folder of scenarios. Its name is the name of the file. \
        [Write a scenario](../scenarios.md) shows how it is used.\n\n\
        These fields have pages of their own:\n\n\
        | field | value | meaning |\n| --- | --- | --- |\n\
        | `steps` (required) | list of [steps](verbs.md) | {} |\n\
        | `watch` | list of [watches](watches.md) | {} |\n\n\
        These are the other fields:\n\n{}",
        cell(steps.as_str().unwrap_or_default()),
        cell(watch.as_str().unwrap_or_default()),
        table(schema, &is_elsewhere)
    )
}

/// Returns the page of the project file.
pub(super) fn project(schema: &Value) -> String {
    let mut text = "# qa.yaml\n\n\
        `qa.yaml` is in the folder of the project. Paths in it start at that folder. \
        [Images](../images.md) and [Machines](../machines.md) show how it is used.\n\n"
        .to_owned();
    let fields = properties(schema).unwrap();
    text.push_str("| field | value | meaning |\n| --- | --- | --- |\n");
    let has_section = |field: &Value| field["additionalProperties"]["properties"].is_object();
    for (name, field) in fields {
        let shown = match name.as_str() {
            "watch" => "list of [watches](watches.md)".to_owned(),
            "keyboard" => "a layout, or a map: [below](#keyboard)".to_owned(),
            _ if has_section(field) => format!("map from names to maps: [below](#{name})"),
            _ => cell(&value(field)),
        };
        let doc = field["description"].as_str().unwrap_or_default();
        text.push_str(&format!("| `{name}` | {shown} | {} |\n", cell(doc)));
    }
    for (name, field) in fields {
        let each = &field["additionalProperties"];
        if has_section(field) {
            let own = table(each, &|_| false);
            text.push_str(&format!(
                "\n## {name}\n\nEach entry has these fields:\n\n{own}"
            ));
        }
    }
    let keyboard = &fields["keyboard"];
    text.push_str(&format!(
        "\n## keyboard\n\nThe layout alone, or a map with these fields:\n\n{}",
        table(keyboard, &|_| false)
    ));
    text
}

/// Returns the page of watches.
pub(super) fn watches(scenario: &Value, project: &Value) -> String {
    let watch = &scenario["properties"]["watch"]["items"];
    let words = alternatives(watch)
        .into_iter()
        .find(|one| one["enum"].is_array())
        .unwrap();
    let states = &properties(&project["properties"]["watch"]["items"]).unwrap()["off"];
    format!(
        "# Watches\n\n\
        `watch:` can be in `qa.yaml` and in a scenario. At an image it can only switch states off. \
        [Watches](../watches.md) shows how it is used.\n\n\
        An entry is the name of a ready-made watch, or a map with the fields of one watch.\n\n\
        ## Ready-made watches\n\n{}\n\n\
        ## Fields\n\n{}\n\
        ## States that end a wait\n\n\
        In `qa.yaml` and at an image, `off` takes only one of these states: {}. \
        [Deadlines](../deadlines.md#waits-that-end-early) explains them.\n",
        value(words),
        table(watch, &|_| false),
        value(states),
    )
}

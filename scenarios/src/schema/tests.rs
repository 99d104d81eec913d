//! The schemas accept the files that the parser accepts.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{project_schema, scenario_schema};
use crate::finding::Source;
use crate::step::{Modifiers, Verb};
use crate::yaml::{Field, Need, Shape};

/// Checks a value against a schema and returns the first mistake. Supports the keywords that our schemas use. An
/// unknown keyword is an error, so that none is silently ignored.
fn wrong(root: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    let map = schema.as_object().expect("a schema is a map");
    for (keyword, rule) in map {
        let found = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "required" => None,
            "$ref" => {
                let path = rule.as_str().expect("a path").trim_start_matches('#');
                wrong(root, root.pointer(path).expect("a definition"), value, at)
            }
            "type" => {
                let types = rule
                    .as_array()
                    .cloned()
                    .unwrap_or_else(|| vec![rule.clone()]);
                let is = |name: &Value| match name.as_str().expect("a name") {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "number" => value.is_number(),
                    "integer" => value.is_i64() || value.is_u64(),
                    "boolean" => value.is_boolean(),
                    "null" => value.is_null(),
                    other => panic!("unknown type {other}"),
                };
                (!types.iter().any(is)).then(|| format!("{at}: {value} is no {rule}"))
            }
            "enum" => (!rule.as_array().expect("words").contains(value))
                .then(|| format!("{at}: {value} is none of {rule}")),
            "pattern" => value.as_str().and_then(|text| {
                let regex = regex::Regex::new(rule.as_str().expect("a pattern"))
                    .expect("a regular expression");
                (!regex.is_match(text)).then(|| format!("{at}: {value} is not like {rule}"))
            }),
            "minimum" => value.as_f64().and_then(|number| {
                (number < rule.as_f64().expect("a number"))
                    .then(|| format!("{at}: {value} is less than {rule}"))
            }),
            "minItems" => value.as_array().and_then(|items| {
                ((items.len() as u64) < rule.as_u64().expect("a number"))
                    .then(|| format!("{at}: too few items"))
            }),
            "items" => value.as_array().and_then(|items| {
                items
                    .iter()
                    .enumerate()
                    .find_map(|(n, item)| wrong(root, rule, item, &format!("{at}/{n}")))
            }),
            "anyOf" | "oneOf" => {
                let all: Vec<Option<String>> = rule
                    .as_array()
                    .expect("schemas")
                    .iter()
                    .map(|schema| wrong(root, schema, value, at))
                    .collect();
                let fits = all.iter().filter(|wrong| wrong.is_none()).count();
                let good = if keyword == "anyOf" {
                    fits >= 1
                } else {
                    fits == 1
                };
                (!good).then(|| format!("{at}: {value} fits {fits} forms"))
            }
            "properties" => value.as_object().and_then(|fields| {
                fields.iter().find_map(|(name, inner)| {
                    wrong(root, rule.get(name)?, inner, &format!("{at}/{name}"))
                })
            }),
            "additionalProperties" => value.as_object().and_then(|fields| {
                let known = map.get("properties").and_then(Value::as_object);
                fields
                    .iter()
                    .filter(|(name, _)| !known.is_some_and(|known| known.contains_key(*name)))
                    .find_map(|(name, inner)| match rule {
                        Value::Bool(false) => Some(format!("{at}: unknown {name}")),
                        schema => wrong(root, schema, inner, &format!("{at}/{name}")),
                    })
            }),
            other => panic!("unknown keyword {other}"),
        };
        if found.is_some() {
            return found;
        }
    }
    let required = map.get("required").and_then(Value::as_array);
    let lacking = required
        .into_iter()
        .flatten()
        .find(|name| value.get(name.as_str().expect("a name")).is_none());
    lacking.map(|name| format!("{at}: {name} is missing"))
}

fn of_yaml(schema: schemars::Schema, text: &str) -> Option<String> {
    let schema = Value::from(schema);
    let value: Value = serde_yaml::from_str(text).expect("YAML");
    wrong(&schema, &schema, &value, "")
}

fn of_scenario(text: &str) -> Option<String> {
    of_yaml(scenario_schema(), text)
}

/// Returns true if the parser accepts the text.
fn parses(text: &str) -> bool {
    crate::Scenario::read(&Source::new("a.yaml", text))
        .1
        .is_empty()
}

#[test]
fn the_shipped_files_validate() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut scenarios = 0;
    for entry in std::fs::read_dir(root).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            let text = std::fs::read_to_string(&path).expect("a scenario");
            assert_eq!(of_scenario(&text), None, "{}", path.display());
            scenarios += 1;
        }
    }
    assert!(scenarios >= 5);
    let project = std::fs::read_to_string(root.join("../qa.yaml")).expect("qa.yaml");
    assert_eq!(of_yaml(project_schema(), &project), None);
}

#[test]
fn parser_and_schema_take_and_refuse_the_same_steps() {
    for (step, good) in [
        ("see: login", true),
        ("see: [a, b]", true),
        (
            "see: { needle: a, not: b, for: 2s, within: 60s, when: 'true', title: T }",
            true,
        ),
        ("see: { nedle: a }", false),
        ("see: {}", false),
        ("see:", false),
        ("sea: login", false),
        ("{ see: a, click: b }", false),
        ("within: 5s", false),
        ("see: { needle: a, within: 60 }", false),
        ("see: { needle: a, within: '{{ t }}' }", true),
        ("changed:", true),
        (
            "changed: { ignore: { x: 0, y: 0, width: 1, height: 1 } }",
            true,
        ),
        (
            "changed: { ignore: { x: 0, y: 0, width: 0, height: 1 } }",
            false,
        ),
        ("changed: { level: high }", false),
        ("changed: { level: 30.5 }", true),
        (
            "press: { keys: [ctrl-c, tab], repeat: 5, until: a, every: 1s }",
            true,
        ),
        ("press: { keys: a, repeat: '{{ n }}' }", true),
        ("press: { keys: a, repeat: often }", false),
        ("hold: { keys: shift, steps: [{ click: a }] }", true),
        ("hold: { keys: shift, steps: [{ clik: a }] }", false),
        ("type: 42", true),
        (
            "type: { text: a, secret: true, enter: false, every: 5ms }",
            true,
        ),
        ("type: { text: a, secret: often }", false),
        (
            "click: { needle: a, button: right, count: 2, point: b }",
            true,
        ),
        ("click: { needle: a, button: top }", false),
        ("click: { needle: a, count: 0 }", false),
        ("drag: { from: a, to: { x: 1, y: 2 } }", true),
        ("drag: { from: a }", false),
        ("scroll: down", true),
        ("scroll: sideways", false),
        ("scroll: { direction: up, notches: 3, at: a }", true),
        ("serial: 'login:'", true),
        ("serial: { send: a, until: b, every: 2s }", true),
        ("serial: { absent: a, for: 5s }", true),
        ("run: { command: a, exit: any }", true),
        ("run: { command: a, exit: 3 }", true),
        ("run: { command: a, exit: some }", false),
        ("reboot: { by: reset }", true),
        ("reboot: { by: magic }", false),
        ("shutdown: { within: 5s }", true),
        ("shutdown: { by: guest }", false),
        ("power: cut", true),
        ("power: { within: 5s }", false),
        ("media: eject", true),
        ("media: { insert: a.iso, within: 5s }", true),
        ("media: insert", false),
        ("media: {}", false),
        ("media:", false),
        ("boot: disk", true),
        ("boot: disk12", true),
        ("boot: cd", true),
        ("boot: '{{ disk }}'", true),
        ("boot: disk0", false),
        ("boot: disk01", false),
        ("boot: network", false),
        ("boot:", false),
        (
            "group: { name: a, steps: [{ see: a }], retry: 1, optional: true }",
            true,
        ),
        ("group: { name: a, steps: [] }", false),
        ("group: { name: a }", false),
        ("include: { file: a.yaml, vars: { a: b } }", true),
        ("each: { in: [a, b], as: c, steps: [{ see: a }] }", true),
        ("each: { steps: [{ see: a }] }", false),
        ("set: { title: a, any: b }", true),
        ("set: { a: [b] }", false),
        ("assert: { that: a == 'b', message: c }", true),
        ("note: [a]", false),
        (
            "soft_fail: { reason: a, ticket: b, expires: 2026-03-31 }",
            true,
        ),
        (
            "soft_fail: { reason: a, ticket: b, expires: tomorrow }",
            false,
        ),
    ] {
        let text = format!("steps:\n  - {step}\n");
        assert_eq!(parses(&text), good, "the parser: {step}");
        let wrong = of_scenario(&text);
        assert_eq!(wrong.is_none(), good, "the schema: {step}: {wrong:?}");
    }
}

/// Returns the names that a map's schema has in all its forms.
fn names(schema: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        names.extend(properties.keys().cloned());
    }
    for inner in schema
        .get("anyOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        names.extend(self::names(inner));
    }
    names
}

/// Returns the fields in the tables of a verb.
fn fields_of(shape: &Shape) -> Vec<&'static Field> {
    match shape {
        Shape::Fields(tables) => tables.iter().copied().flatten().collect(),
        Shape::OneOf(shapes) => shapes.iter().flat_map(fields_of).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_verb_has_its_fields_and_the_modifiers_in_the_schema() {
    let schema = Value::from(scenario_schema());
    for verb in Verb::ALL {
        let definition = &schema["$defs"][verb.name()];
        assert_eq!(definition["description"], json!(verb.doc()));
        let fields = fields_of(&verb.shape());
        let mut expected: BTreeSet<String> =
            fields.iter().map(|field| field.name.to_owned()).collect();
        if !expected.is_empty() || *verb == Verb::Shutdown {
            expected.extend(Modifiers::FIELDS.iter().map(|field| field.name.to_owned()));
        }
        assert_eq!(names(definition), expected, "{verb:?}");
    }
    let step: BTreeSet<&str> = Verb::ALL
        .iter()
        .map(|verb| verb.name())
        .chain(Modifiers::FIELDS.iter().map(|field| field.name))
        .collect();
    assert_eq!(
        names(&schema["$defs"]["step"]),
        step.into_iter().map(str::to_owned).collect()
    );
}

#[test]
fn the_files_have_the_fields_that_the_parser_reads() {
    for (schema, table) in [
        (scenario_schema(), crate::Scenario::FIELDS),
        (project_schema(), crate::Project::FIELDS),
    ] {
        let schema = Value::from(schema);
        assert_eq!(
            schema["$schema"],
            json!("https://json-schema.org/draft/2020-12/schema")
        );
        let expected: BTreeSet<String> = table.iter().map(|field| field.name.to_owned()).collect();
        assert_eq!(names(&schema), expected);
        let required: Vec<&str> = table
            .iter()
            .filter(|field| field.need == Need::Required)
            .map(|field| field.name)
            .collect();
        assert_eq!(
            schema.get("required").cloned().unwrap_or(json!([])),
            json!(required)
        );
    }
}

#[test]
fn a_wrong_project_does_not_validate() {
    for (text, good) in [
        ("images: { a: { recipe: a } }", true),
        ("images: { a: { recpe: a } }", false),
        (
            "machines: { a: { memory: 3G, cpus: 2, disks: [{ size: 10G }], display: { width: 800 } } }",
            true,
        ),
        ("machines: { a: { memory: 3 } }", false),
        (
            "machines: { a: { network: { model: e1000, forward: 'tcp:2222:22', restrict: true } } }",
            true,
        ),
        (
            "machines: { a: { network: [{ model: virtio }, {}] } }",
            true,
        ),
        ("machines: { a: { network: user } }", true),
        ("machines: { a: { network: { modle: e1000 } } }", false),
        ("machines: { a: { network: bridge } }", false),
        (
            "machines: { a: { disk: { bus: nvme, size: 9G }, serial: 2, tpm: true, rng: false, input: usb } }",
            true,
        ),
        ("machines: { a: { disk: { bus: ide } } }", false),
        ("machines: { a: { serial: 0 } }", false),
        (
            "machines: { a: { credentials: { a: b, c: { env: D } }, smbios: ['type=1'] } }",
            true,
        ),
        ("machines: { a: { credentials: { a: { enw: D } } } }", false),
        ("images: { a: { kernel: a, initrd: b, cmdline: c } }", true),
        ("machines: { a: { arch: mips } }", false),
        ("machines: { a: { preset: uefi-aarch64 } }", true),
        (
            "watch: [{ run: a, every: 5s, exit: 1 }, { reboots: any }]",
            true,
        ),
        ("watch: [{ off: a }]", false),
        (
            "images: { b: { recipe: b } }\nmatrix: { a: { images: b } }",
            true,
        ),
        (
            "images: { b: { recipe: b, arch: x86_64 } }\nmatrix: { a: { include: [{ image: b, vars: { c: d } }] } }",
            true,
        ),
        (
            "matrix: { a: { include: [{ machine: uefi-x86_64 }] } }",
            false,
        ),
        (
            "images: { b: { recipe: b } }\nmatrix: { a: { images: b, exclude: [{ image: b, vars: { c: d } }] } }",
            false,
        ),
        ("images: { a: { recipe: a, arch: mips } }", false),
        ("secrets: { a: { env: A } }", true),
        ("secrets: { a: text }", false),
    ] {
        assert_eq!(of_yaml(project_schema(), text).is_none(), good, "{text}");
        let (_, findings) = crate::Project::read(&Source::new("qa.yaml", text));
        assert_eq!(findings.is_empty(), good, "{text}: {findings:?}");
    }
}

//! Upgrades logs of formats 1 and 2 to format 3, line by line.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Turns lines of an older format into lines of the present one.
///
/// In these formats each kind of event had its own field for the scenario, the attempt was called `try`, and only the
/// first line named the host. In format 1 attempts ran one after the other, and no line named its attempt.
#[derive(Debug)]
pub(super) struct Older {
    format: u32,
    host: Value,
    /// The attempt that runs, for each scenario; only of format 1.
    running: BTreeMap<String, Value>,
}

impl Older {
    /// Returns the upgrade of a log of this format.
    pub(super) fn new(format: u32) -> Self {
        Self {
            format,
            host: Value::from(""),
            running: BTreeMap::new(),
        }
    }

    /// Turns one line. A line that is no event of the older format stays as it is, and reading it gives the error.
    pub(super) fn upgrade(&mut self, mut line: Value) -> Value {
        if let Value::Object(fields) = &mut line {
            self.upgrade_fields(fields);
        }
        line
    }

    fn upgrade_fields(&mut self, fields: &mut Map<String, Value>) {
        match text(fields, "event").as_str() {
            "run-started" => {
                if let Some(host) = fields.remove("host") {
                    self.host = host.get("name").cloned().unwrap_or_default();
                    fields.insert("hosts".to_owned(), Value::Array(vec![host]));
                }
                // The entry has this format now, and may be written again.
                fields.insert("format".to_owned(), Value::from(super::FORMAT));
            }
            "machine-started" => {
                rename(fields, "machine", "facts");
                if let Some(Value::Object(facts)) = fields.get_mut("facts") {
                    upgrade_facts(facts);
                }
            }
            "machine" => {
                if let Some(Value::Object(what)) = fields.get_mut("what") {
                    upgrade_news(what);
                }
            }
            "checkpoint-disagreed" => {
                fields.insert("event".to_owned(), Value::from("checkpoint-blamed"));
            }
            _ => {}
        }
        fields.insert("host".to_owned(), self.host.clone());
        if text(fields, "scenario").is_empty() {
            fields.remove("scenario");
        }
        rename(fields, "try", "attempt");
        if self.format == 1 {
            self.name_attempt(fields);
        }
    }

    /// Adds the attempt: the one of the scenario that runs.
    fn name_attempt(&mut self, fields: &mut Map<String, Value>) {
        let scenario = text(fields, "scenario");
        match text(fields, "event").as_str() {
            "scenario-started" => {
                if let Some(attempt) = fields.get("attempt") {
                    self.running.insert(scenario, attempt.clone());
                }
            }
            "scenario-finished" => {
                self.running.remove(&scenario);
            }
            // It is about all attempts of the scenario, so it names none of them.
            "checkpoint-blamed" => {}
            _ => {
                if let Some(attempt) = self.running.get(&scenario) {
                    fields.insert("attempt".to_owned(), attempt.clone());
                }
            }
        }
    }
}

/// Moves the facts of QEMU into `backend`. In older logs every machine was a QEMU.
fn upgrade_facts(facts: &mut Map<String, Value>) {
    let mut backend = Map::new();
    backend.insert("kind".to_owned(), Value::from("qemu"));
    for (old, new) in [
        ("qemu", "version"),
        ("accel", "accel"),
        ("accel_reason", "accel_reason"),
    ] {
        if let Some(value) = facts.remove(old) {
            backend.insert(new.to_owned(), value);
        }
    }
    facts.insert("backend".to_owned(), Value::Object(backend));
}

/// Adds the reason of a reset, if the line has only its origin.
fn upgrade_news(what: &mut Map<String, Value>) {
    if text(what, "kind") != "reset" {
        return;
    }
    let by = what.remove("by");
    if !what.contains_key("reset") {
        let by_guest = by.is_some_and(|by| by == "guest");
        let reason = if by_guest { "guest" } else { "host" };
        what.insert("reset".to_owned(), Value::from(reason));
    }
}

fn text(fields: &Map<String, Value>, name: &str) -> String {
    let text = fields.get(name).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

fn rename(fields: &mut Map<String, Value>, old: &str, new: &str) {
    if let Some(value) = fields.remove(old) {
        fields.insert(new.to_owned(), value);
    }
}

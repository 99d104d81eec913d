//! The QMP commands that `qa` uses, and a strict look at their arguments.

use serde_json::Value;

/// A command's arguments: name, whether it must be there, and what it must be.
type Arguments = &'static [(&'static str, bool, Kind)];

#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    Whole,
    /// A whole number that may be below zero.
    Number,
    Flag,
    List,
    Map,
    /// A map, a name or null.
    Any,
}

const COMMANDS: &[(&str, Arguments)] = &[
    (
        "blockdev-add",
        &[
            ("driver", true, Kind::Text),
            ("node-name", true, Kind::Text),
            ("file", true, Kind::Map),
            ("cache", false, Kind::Map),
            ("backing", false, Kind::Any),
            ("data-file", false, Kind::Map),
            ("read-only", false, Kind::Flag),
        ],
    ),
    ("blockdev-close-tray", &[("id", true, Kind::Text)]),
    ("blockdev-del", &[("node-name", true, Kind::Text)]),
    (
        "blockdev-insert-medium",
        &[("id", true, Kind::Text), ("node-name", true, Kind::Text)],
    ),
    (
        "blockdev-open-tray",
        &[("id", true, Kind::Text), ("force", false, Kind::Flag)],
    ),
    ("blockdev-remove-medium", &[("id", true, Kind::Text)]),
    ("cont", &[]),
    ("getfd", &[("fdname", true, Kind::Text)]),
    (
        "human-monitor-command",
        &[("command-line", true, Kind::Text)],
    ),
    (
        "input-send-event",
        &[
            ("device", false, Kind::Text),
            ("head", false, Kind::Whole),
            ("events", true, Kind::List),
        ],
    ),
    ("migrate", &[("uri", true, Kind::Text)]),
    ("migrate-incoming", &[("uri", true, Kind::Text)]),
    (
        "migrate-set-capabilities",
        &[("capabilities", true, Kind::List)],
    ),
    (
        "migrate-set-parameters",
        &[
            ("downtime-limit", false, Kind::Whole),
            ("max-bandwidth", false, Kind::Whole),
        ],
    ),
    ("qmp_capabilities", &[("enable", false, Kind::List)]),
    (
        "qom-set",
        &[
            ("path", true, Kind::Text),
            ("property", true, Kind::Text),
            ("value", true, Kind::Number),
        ],
    ),
    ("query-cpus-fast", &[]),
    ("query-migrate", &[]),
    ("query-status", &[]),
    ("query-version", &[]),
    ("query-vnc", &[]),
    ("quit", &[]),
    (
        "screendump",
        &[
            ("filename", true, Kind::Text),
            ("device", false, Kind::Text),
            ("head", false, Kind::Whole),
            ("format", false, Kind::Text),
        ],
    ),
    ("stop", &[]),
    ("system_powerdown", &[]),
    ("system_reset", &[]),
    ("system_wakeup", &[]),
    (
        "x-query-virtio-queue-element",
        &[
            ("path", true, Kind::Text),
            ("queue", true, Kind::Whole),
            ("index", false, Kind::Whole),
        ],
    ),
];

/// A command that came in.
#[derive(Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) arguments: Value,
    pub(crate) id: Value,
}

/// Why a line is not taken, with the id that belongs to the answer.
#[derive(Debug, PartialEq)]
pub(crate) struct Refused {
    pub(crate) class: &'static str,
    pub(crate) description: String,
    pub(crate) id: Value,
}

impl Call {
    pub(crate) fn read(line: &[u8]) -> Result<Self, Refused> {
        let refused = |class, description: String, id: &Value| Refused {
            class,
            description,
            id: id.clone(),
        };
        let message: Value = serde_json::from_slice(line).map_err(|error| {
            refused(
                "GenericError",
                format!("JSON parse error, {error}"),
                &Value::Null,
            )
        })?;
        let id = message["id"].clone();
        let generic = |description: String| refused("GenericError", description, &id);
        let members = message
            .as_object()
            .ok_or_else(|| generic("QMP input must be a JSON object".to_owned()))?;
        if let Some(unknown) = members
            .keys()
            .find(|key| !["execute", "exec-oob", "arguments", "id"].contains(&key.as_str()))
        {
            return Err(generic(format!(
                "QMP input member '{unknown}' is unexpected"
            )));
        }
        if let Some(name) = members.get("exec-oob") {
            return Err(generic(format!("The command {name} does not support OOB")));
        }
        let name = members
            .get("execute")
            .and_then(Value::as_str)
            .ok_or_else(|| generic("QMP input lacks member 'execute'".to_owned()))?;
        let Some((_, known)) = COMMANDS.iter().find(|(command, _)| *command == name) else {
            return Err(refused(
                "CommandNotFound",
                format!("The command {name} has not been found"),
                &id,
            ));
        };
        let arguments = members
            .get("arguments")
            .cloned()
            .unwrap_or(Value::Object(serde_json::Map::new()));
        check(&arguments, known).map_err(generic)?;
        Ok(Self {
            name: name.to_owned(),
            arguments,
            id,
        })
    }
}

fn check(arguments: &Value, known: Arguments) -> Result<(), String> {
    let given = arguments
        .as_object()
        .ok_or("QMP input member 'arguments' must be an object")?;
    if let Some(unknown) = given
        .keys()
        .find(|name| !known.iter().any(|(known, ..)| known == name))
    {
        return Err(format!("Parameter '{unknown}' is unexpected"));
    }
    for (name, required, kind) in known {
        let fits = match (given.get(*name), kind) {
            (None, _) => !required,
            (Some(value), Kind::Text) => value.is_string(),
            (Some(value), Kind::Whole) => value.is_u64(),
            (Some(value), Kind::Number) => value.is_i64(),
            (Some(value), Kind::Flag) => value.is_boolean(),
            (Some(value), Kind::List) => value.is_array(),
            (Some(value), Kind::Map) => value.is_object(),
            (Some(_), Kind::Any) => true,
        };
        if !fits {
            return Err(format!(
                "Parameter '{name}' is missing or of the wrong type"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_command_is_read_with_its_id() {
        let call =
            Call::read(br#"{"execute": "screendump", "arguments": {"filename": "/x"}, "id": 3}"#)
                .unwrap();
        assert_eq!(
            call,
            Call {
                name: "screendump".to_owned(),
                arguments: json!({"filename": "/x"}),
                id: json!(3)
            }
        );
        assert_eq!(
            Call::read(br#"{"execute": "cont"}"#).unwrap().arguments,
            json!({})
        );
    }

    #[test]
    fn what_qemu_would_refuse_is_refused() {
        for (line, description) in [
            ("{", "JSON parse error"),
            ("[]", "must be a JSON object"),
            (
                r#"{"execute": "cont", "argument": {}}"#,
                "member 'argument' is unexpected",
            ),
            (
                r#"{"execute": "cant"}"#,
                "The command cant has not been found",
            ),
            (
                r#"{"execute": "cont", "arguments": {"x": 1}}"#,
                "Parameter 'x' is unexpected",
            ),
            (
                r#"{"execute": "screendump", "arguments": {}}"#,
                "Parameter 'filename' is missing",
            ),
            (
                r#"{"execute": "screendump", "arguments": {"filename": 3}}"#,
                "Parameter 'filename' is missing or of",
            ),
            (r#"{"exec-oob": "cont"}"#, "does not support OOB"),
        ] {
            let refused = Call::read(line.as_bytes()).unwrap_err();
            assert!(
                refused.description.contains(description),
                "{line}: {refused:?}"
            );
        }
    }
}

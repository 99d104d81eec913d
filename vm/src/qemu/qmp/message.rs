//! The messages from QEMU.

use serde::Deserialize;
use serde_json::Value;

use super::RawEvent;

/// A line from QEMU.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Message {
    /// The first line of a connection.
    Greeting {
        /// True if commands can be executed out of band.
        oob: bool,
        /// The version of QEMU: major, minor, micro.
        version: (u32, u32, u32),
    },
    /// A command succeeded.
    Return { id: Option<u64>, value: Value },
    /// A command failed.
    Error {
        id: Option<u64>,
        class: String,
        description: String,
    },
    /// An event.
    Event(RawEvent),
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "QMP")]
    greeting: Option<Greeting>,
    // Some(Null) for `"return": null`, which is a normal answer.
    #[serde(rename = "return", default, deserialize_with = "present")]
    value: Option<Value>,
    error: Option<ErrorBody>,
    event: Option<String>,
    #[serde(default)]
    data: Value,
    #[serde(default)]
    id: Value,
}

#[derive(Deserialize)]
struct Greeting {
    version: GreetingVersion,
    #[serde(default)]
    capabilities: Vec<Value>,
}

#[derive(Deserialize)]
struct GreetingVersion {
    qemu: VersionTriple,
}

#[derive(Deserialize)]
struct VersionTriple {
    major: u32,
    minor: u32,
    micro: u32,
}

#[derive(Deserialize)]
struct ErrorBody {
    #[serde(default)]
    class: String,
    #[serde(default)]
    desc: String,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Message {
    /// Parses a line. Unknown members are ignored. A line that is no message is an error with the reason.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, String> {
        let envelope: Envelope = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        let id = envelope.id.as_u64();
        if let Some(Greeting {
            version,
            capabilities,
        }) = envelope.greeting
        {
            let GreetingVersion {
                qemu:
                    VersionTriple {
                        major,
                        minor,
                        micro,
                    },
            } = version;
            let oob = capabilities.iter().any(|capability| capability == "oob");
            Ok(Self::Greeting {
                oob,
                version: (major, minor, micro),
            })
        } else if let Some(ErrorBody { class, desc }) = envelope.error {
            Ok(Self::Error {
                id,
                class,
                description: desc,
            })
        } else if let Some(name) = envelope.event {
            Ok(Self::Event(RawEvent {
                name,
                data: envelope.data,
            }))
        } else if let Some(value) = envelope.value {
            Ok(Self::Return { id, value })
        } else {
            Err("neither greeting, answer nor event".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn each_kind_of_line_is_read() {
        let greeting = concat!(
            r#"{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": ""}, "#,
            r#""capabilities": ["oob", {"new": 1}]}}"#,
        );
        let rows = [
            (
                greeting,
                Message::Greeting {
                    oob: true,
                    version: (7, 2, 22),
                },
            ),
            (
                r#"{"return": {"a": 1}, "id": 7}"#,
                Message::Return {
                    id: Some(7),
                    value: json!({"a": 1}),
                },
            ),
            (
                r#"{"return": null, "id": "text"}"#,
                Message::Return {
                    id: None,
                    value: Value::Null,
                },
            ),
            (
                r#"{"error": {"class": "GenericError", "desc": "no"}, "id": 8}"#,
                Message::Error {
                    id: Some(8),
                    class: "GenericError".to_owned(),
                    description: "no".to_owned(),
                },
            ),
            (
                r#"{"event": "FROM_THE_FUTURE", "data": {"x": "y"}, "timestamp": {"seconds": 1, "microseconds": 2}}"#,
                Message::Event(RawEvent {
                    name: "FROM_THE_FUTURE".to_owned(),
                    data: json!({"x": "y"}),
                }),
            ),
            (
                r#"{"event": "STOP"}"#,
                Message::Event(RawEvent {
                    name: "STOP".to_owned(),
                    data: Value::Null,
                }),
            ),
        ];
        for (line, message) in rows {
            assert_eq!(Message::parse(line.as_bytes()), Ok(message), "{line}");
        }
    }

    #[test]
    fn garbage_is_an_error_with_a_reason() {
        for line in [
            "",
            "{",
            "[]",
            "{}",
            "\u{0}",
            r#"{"id": 1}"#,
            r#"{"error": 3}"#,
            "\"return\"",
        ] {
            assert!(Message::parse(line.as_bytes()).is_err(), "{line}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            drop(Message::parse(&bytes));
        }
    }
}

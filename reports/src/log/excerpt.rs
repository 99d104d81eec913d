//! Cuts long texts in entries: their beginning and their end are kept.

use serde_json::Value;

use super::entry::Entry;

/// Bytes of the longest text in an event.
pub const LONGEST_TEXT: usize = 64 << 10;

/// Bytes that are kept of the end of a longer one.
const END: usize = 16 << 10;

/// Bytes that the remark about the rest takes at most.
const REMARK: usize = 64;

impl Entry {
    /// Returns the entry with every text, and every list of lines, cut to [`LONGEST_TEXT`]: beginning and end, with a
    /// remark between them that says how much was left out. Secrets must be masked before: a part of a secret is not
    /// recognized.
    #[must_use]
    pub fn bounded(self) -> Self {
        let Ok(mut value) = serde_json::to_value(&self) else {
            return self;
        };
        if !bound(&mut value) {
            return self;
        }
        // Only texts were replaced, by other texts, so it is still an entry.
        serde_json::from_value(value).unwrap_or(self)
    }
}

/// Cuts long texts. Returns true if it cut anything.
fn bound(value: &mut Value) -> bool {
    match value {
        Value::String(text) => {
            let short = excerpt(text);
            let is_long = short.is_some();
            if let Some(short) = short {
                *text = short;
            }
            is_long
        }
        Value::Array(items) => bound_lines(items),
        Value::Object(fields) => fields
            .values_mut()
            .fold(false, |found, field| bound(field) | found),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Cuts a list of texts as one text, line by line.
fn bound_lines(items: &mut Vec<Value>) -> bool {
    let lines: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
    let Some(lines) = lines else {
        return items
            .iter_mut()
            .fold(false, |found, item| bound(item) | found);
    };
    let bytes: usize = lines.iter().map(|line| line.len() + 1).sum();
    if bytes <= LONGEST_TEXT {
        return false;
    }
    let short = excerpt(&lines.join("\n")).unwrap_or_default();
    *items = short.lines().map(Value::from).collect();
    true
}

/// Returns beginning and end of a text that is too long.
fn excerpt(text: &str) -> Option<String> {
    if text.len() <= LONGEST_TEXT {
        return None;
    }
    let is_between = |at: &usize| text.is_char_boundary(*at);
    let (head, tail) = (LONGEST_TEXT - END - REMARK, text.len() - END);
    let head = (0..=head).rev().find(is_between).unwrap_or(0);
    let tail = (tail..=text.len()).find(is_between).unwrap_or(text.len());
    let (beginning, end) = (&text[..head], &text[tail..]);
    Some(format!(
        "{beginning}\n[{} bytes left out]\n{end}",
        tail - head
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{CommandResult, Envelope, Event, Evidence, StepOutcome};

    fn finished(evidence: Evidence) -> Entry {
        Entry {
            envelope: Envelope {
                seq: 7,
                at_ms: 9,
                scenario: Some("s".into()),
                attempt: Some(1),
                ..Envelope::default()
            },
            event: Event::StepFinished {
                stage: "s".into(),
                step: "1".into(),
                outcome: StepOutcome::Failed,
                duration_ms: 1,
                evidence,
            },
        }
    }

    fn evidence(entry: Entry) -> Evidence {
        match entry.event {
            Event::StepFinished { evidence, .. } => evidence,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_line_without_end_keeps_its_beginning_and_its_end() {
        let line = format!("begin{}end", "ä".repeat(3 << 20));
        let entry = finished(Evidence {
            serial_tail: vec!["login:".into(), line.clone()],
            command: Some(CommandResult {
                remarks: Vec::new(),
                command: "cat".into(),
                user: None,
                exit: Some(0),
                stdout: line,
                stderr: String::new(),
            }),
            ..Evidence::default()
        });
        let kept = evidence(entry.bounded());
        let tail = kept.serial_tail.join("\n");
        let stdout = kept.command.expect("a command").stdout;
        for text in [&tail, &stdout] {
            assert!(text.len() <= LONGEST_TEXT, "{}", text.len());
            assert!(text.contains("begin") && text.ends_with("end"));
            assert!(text.contains("\n[622"), "it says how much is left out");
        }
        assert!(tail.starts_with("login:\nbegin"));
    }

    #[test]
    fn what_is_short_is_as_it_was() {
        let entry = finished(Evidence {
            serial_tail: vec!["x".repeat(1000); 60],
            after_ms: Some(u64::MAX),
            ..Evidence::default()
        });
        assert_eq!(entry.clone().bounded(), entry);
    }
}

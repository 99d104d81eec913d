//! The JSON Schema of the event log, made from the types that write and read it.

use schemars::Schema;
use schemars::transform::{Transform, transform_subschemas};

use super::entry::Entry;

/// Returns the schema of one line of `events.jsonl`, draft 2020-12.
///
/// It allows fields that it does not know, since a later version may add some: see [`FORMAT`](super::FORMAT).
pub fn log_schema() -> Schema {
    let mut schema = schemars::schema_for!(Entry);
    schema.insert("title".to_owned(), "A line of events.jsonl of qa".into());
    PlainText.transform(&mut schema);
    schema
}

/// Turns the links of Rust documentation in descriptions into words.
struct PlainText;

impl Transform for PlainText {
    fn transform(&mut self, schema: &mut Schema) {
        let description = schema.get("description").and_then(|text| text.as_str());
        if let Some(plain) = description.map(without_links) {
            schema.insert("description".to_owned(), plain.into());
        }
        transform_subschemas(self, schema);
    }
}

/// Returns a text in which each link is the name that it shows.
fn without_links(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, link)) = rest.split_once("[`") {
        let Some((name, after)) = link.split_once("`]") else {
            break;
        };
        plain.push_str(before);
        plain.push('`');
        plain.push_str(name);
        plain.push('`');
        let path = after.strip_prefix('(').and_then(|it| it.split_once(')'));
        rest = path.map_or(after, |(_, after)| after);
    }
    plain.push_str(rest);
    // A line break inside a sentence is one of the source file.
    plain.replace('\n', " ").replace("  ", "\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_words() {
        let text = "As in [`Event::StepStarted`], or [`Log`](crate::Log).\nThe end of [`x";
        assert_eq!(
            without_links(text),
            "As in `Event::StepStarted`, or `Log`. The end of [`x"
        );
    }
}

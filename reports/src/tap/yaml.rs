//! Writes YAML of a simple kind: every text is a quoted string on one line, as in JSON.

use crate::json_text::inert_json;
use crate::plain_text::plain;

/// A block that grows.
#[derive(Debug)]
pub(super) struct Yaml {
    text: String,
    /// The spaces before each line.
    indent: usize,
}

impl Yaml {
    /// Begins a block of diagnostics.
    pub(super) fn new() -> Self {
        Self {
            text: "  ---\n".to_owned(),
            indent: 2,
        }
    }

    /// Ends the block.
    pub(super) fn finish(mut self) -> String {
        self.text.push_str("  ...\n");
        self.text
    }

    /// Adds a text.
    pub(super) fn text(&mut self, key: &str, text: &str) {
        self.line(&format!("{key}: {}", quoted(text)));
    }

    /// Adds a text, if there is one.
    pub(super) fn some_text(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.text(key, text);
        }
    }

    /// Adds a number.
    pub(super) fn number(&mut self, key: &str, number: u64) {
        self.line(&format!("{key}: {number}"));
    }

    /// Adds a list of texts, if there are any.
    pub(super) fn list<T: AsRef<str>>(&mut self, key: &str, texts: impl IntoIterator<Item = T>) {
        let mut texts = texts.into_iter().peekable();
        if texts.peek().is_none() {
            return;
        }
        self.line(&format!("{key}:"));
        for text in texts {
            self.line(&format!("  - {}", quoted(text.as_ref())));
        }
    }

    /// Adds a group of others, which `fill` writes.
    pub(super) fn group(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.line(&format!("{key}:"));
        self.indent += 2;
        fill(self);
        self.indent -= 2;
    }

    fn line(&mut self, line: &str) {
        for _ in 0..self.indent {
            self.text.push(' ');
        }
        self.text.push_str(line);
        self.text.push('\n');
    }
}

/// Returns a text as a string of JSON, which is one of YAML, too.
fn quoted(text: &str) -> String {
    let json = serde_json::Value::from(plain(text)).to_string();
    inert_json(&json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_stays_on_its_line() {
        let mut yaml = Yaml::new();
        yaml.text("a", "x\r\n  ...\nok 1 \u{1b}[2J\"\\ \u{2028}##[error]");
        yaml.list("none", [""; 0]);
        yaml.list("b", ["...", ""]);
        yaml.group("c", |group| group.number("d", 7));
        assert_eq!(
            yaml.finish(),
            "  ---\n  a: \"x\\n  ...\\nok 1 \\\"\\\\ \\n#\\u0023[error]\"\n  b:\n    - \"...\"\n    - \"\"\n  c:\n    \
             d: 7\n  ...\n"
        );
    }
}

//! Writes XML, one element a line.

use std::fmt::Write;

use super::xml_text::{attribute, cdata};

/// An XML document that grows. Text and attributes may be anything; they are made fit for XML here.
#[derive(Debug)]
pub(super) struct Document {
    text: String,
    /// The elements that have not ended, outermost first.
    open: Vec<&'static str>,
}

/// Names and values of attributes.
pub(super) type Attributes = Vec<(&'static str, String)>;

impl Document {
    /// A document without any element.
    pub(super) fn new() -> Self {
        Self {
            text: "<?xml version=\"1.0\" encoding=\"utf-8\"?>".to_owned(),
            open: Vec::new(),
        }
    }

    /// Begins an element that has others in it.
    pub(super) fn begin(&mut self, name: &'static str, attributes: Attributes) {
        self.start(name, attributes, ">");
        self.open.push(name);
    }

    /// Ends the element that began last.
    pub(super) fn end(&mut self) {
        if let Some(name) = self.open.pop() {
            self.new_line();
            self.close(name);
        }
    }

    /// Adds an element with nothing in it.
    pub(super) fn empty(&mut self, name: &'static str, attributes: Attributes) {
        self.start(name, attributes, "/>");
    }

    /// Adds an element with a text in it, as a CDATA section.
    pub(super) fn text(&mut self, name: &'static str, attributes: Attributes, text: &str) {
        self.start(name, attributes, ">");
        self.section(text);
        self.close(name);
    }

    /// Adds a text to the element that began last, as a CDATA section right behind what is there.
    pub(super) fn section(&mut self, text: &str) {
        let _ = write!(self.text, "<![CDATA[{}]]>", cdata(text)); // A string takes all.
    }

    /// Returns the document. All elements must have ended.
    pub(super) fn finish(mut self) -> String {
        self.text.push('\n');
        self.text
    }

    fn start(&mut self, name: &str, attributes: Attributes, end: &str) {
        self.new_line();
        let _ = write!(self.text, "<{name}"); // As above.
        for (name, value) in attributes {
            let _ = write!(self.text, " {name}=\"{}\"", escaped(&attribute(&value)));
        }
        self.text.push_str(end);
    }

    fn close(&mut self, name: &str) {
        let _ = write!(self.text, "</{name}>"); // As above.
    }

    fn new_line(&mut self) {
        self.text.push('\n');
        for _ in &self.open {
            self.text.push_str("  ");
        }
    }
}

/// Returns a value of an attribute, with the signs escaped that must be. Allure 3 shows an escape as it stands, and `'`
/// and `>` are frequent in messages.
fn escaped(value: &str) -> String {
    let value = value.replace('&', "&amp;").replace('<', "&lt;");
    value.replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_stand_on_lines_of_their_own_and_text_is_made_fit() {
        let mut document = Document::new();
        document.begin("a", vec![("b", "\"<\u{1b}[2J&'>".to_owned())]);
        document.empty("c", Vec::new());
        document.text("d", Vec::new(), "x]]>\0y");
        document.end();
        assert_eq!(
            document.finish(),
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<a b=\"&quot;&lt;&amp;'>\">\n  <c/>\n  \
             <d><![CDATA[x]]]]><![CDATA[>y]]></d>\n</a>\n"
        );
    }
}

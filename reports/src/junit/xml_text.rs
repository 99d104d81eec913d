//! Makes any text fit for XML and for all its readers.

use crate::plain_text;

/// Stands for characters that XML 1.0 allows and some readers refuse: xunit-viewer takes a replacement character for a
/// sign of a damaged file.
const STRANGE: char = '?';

/// Returns a text of several lines.
pub(super) fn plain(text: &str) -> String {
    let mut text = plain_text::plain(text);
    if text.contains(is_strange) {
        text = text.replace(is_strange, &STRANGE.to_string());
    }
    text
}

/// Returns true for the replacement character, and for codes that are no characters in Unicode.
fn is_strange(c: char) -> bool {
    let code = u32::from(c);
    c == '\u{fffd}' || matches!(code, 0xfdd0..=0xfdef) || code & 0xfffe == 0xfffe
}

/// Returns a text for an attribute: one line, not yet escaped.
pub(super) fn attribute(text: &str) -> String {
    plain_text::plain_line(&no_marks(text))
}

/// Returns a text for a CDATA section: where the text itself ends a section, a new one begins.
pub(super) fn cdata(text: &str) -> String {
    plain(text).replace("]]>", "]]]]><![CDATA[>")
}

/// Returns a text that cannot make a CI server attach a file of the host, and that adds no property to its case:
/// readers look for both in a case's output.
pub(super) fn no_marks(text: &str) -> String {
    let text = plain(text).replace("[[ATTACHMENT|", "[[ATTACHMENT ");
    text.replace("[[PROPERTY|", "[[PROPERTY ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_section_is_split_wherever_it_comes_from() {
        assert_eq!(cdata("a]]>b"), "a]]]]><![CDATA[>b");
        // Together only once the control character between them is gone.
        assert_eq!(cdata("a]\0]>b"), "a]]]]><![CDATA[>b");
        assert_eq!(cdata("]]>]]>"), "]]]]><![CDATA[>]]]]><![CDATA[>");
    }

    #[test]
    fn what_some_readers_refuse_is_a_question_mark() {
        assert_eq!(cdata("a\u{fffd}b\u{fdd0}c\u{1fffe}d\u{10ffff}"), "a?b?c?d?");
        assert_eq!(attribute("\u{fffd}\u{fffd}"), "??");
        assert_eq!(cdata("äöü€𝄞😀"), "äöü€𝄞😀");
    }

    #[test]
    fn a_guest_cannot_add_a_property() {
        for text in ["[[PROPERTY|a=b]]", "[[PROP\0ERTY|a=b]]"] {
            assert_eq!(no_marks(text), "[[PROPERTY a=b]]");
        }
    }

    #[test]
    fn a_guest_cannot_attach_files_of_the_host() {
        for text in [
            "[[ATTACHMENT|/etc/passwd]]",
            "[[ATTACH\u{1b}[0mMENT|/etc/passwd]]",
        ] {
            assert_eq!(no_marks(text), "[[ATTACHMENT /etc/passwd]]");
        }
    }
}

//! Text that may stand in XML and that all its readers take, whatever it was before.

use crate::plain_text;

/// Instead of characters that XML 1.0 can hold, but some of its readers refuse: xunit-viewer takes a replacement
/// character for an input that was damaged.
const STRANGE: char = '?';

/// Text of several lines.
pub(super) fn plain(text: &str) -> String {
    let mut text = plain_text::plain(text);
    if text.contains(is_strange) {
        text = text.replace(is_strange, &STRANGE.to_string());
    }
    text
}

/// The replacement character, and what Unicode says is no character.
fn is_strange(c: char) -> bool {
    let code = u32::from(c);
    c == '\u{fffd}' || matches!(code, 0xfdd0..=0xfdef) || code & 0xfffe == 0xfffe
}

/// For an attribute: one line. `junit-report` escapes quotes and angle brackets.
pub(super) fn attribute(text: &str) -> String {
    plain_text::plain_line(&no_attachment(text))
}

/// For a CDATA section, into which `junit-report` writes raw: where the text itself ends a section, a new one begins.
pub(super) fn cdata(text: &str) -> String {
    plain(text).replace("]]>", "]]]]><![CDATA[>")
}

/// Text from a guest without anything that a CI server would take for a request to attach a file of the host.
pub(super) fn no_attachment(text: &str) -> String {
    plain(text).replace("[[ATTACHMENT|", "[[ATTACHMENT ")
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
    fn a_guest_cannot_attach_files_of_the_host() {
        for text in [
            "[[ATTACHMENT|/etc/passwd]]",
            "[[ATTACH\u{1b}[0mMENT|/etc/passwd]]",
        ] {
            assert_eq!(no_attachment(text), "[[ATTACHMENT /etc/passwd]]");
        }
    }
}

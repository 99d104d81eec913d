//! Text that may stand in XML, whatever it was before.

use crate::plain_text::{plain, plain_line};

/// For an attribute: one line. `junit-report` escapes quotes and angle brackets.
pub(super) fn attribute(text: &str) -> String {
    plain_line(&no_attachment(text))
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
    fn a_guest_cannot_attach_files_of_the_host() {
        for text in [
            "[[ATTACHMENT|/etc/passwd]]",
            "[[ATTACH\u{1b}[0mMENT|/etc/passwd]]",
        ] {
            assert_eq!(no_attachment(text), "[[ATTACHMENT /etc/passwd]]");
        }
    }
}

//! Makes text safe for a terminal: names of files, titles and text of a guest must not control it.
//!
//! All output of the commands goes through this module. Control characters and marks of writing direction are shown as
//! in JSON, `\u001b`, so that a line of JSON does not change its meaning.

use std::borrow::Cow;
use std::fmt::Write;

use reports::console::is_obeyed;

/// Returns the text with all control characters made visible, except for line ends and tabs.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    made_visible(text, false)
}

/// Does the same for text that `qa` has painted. Colours stay if `colour` is true.
pub(crate) fn visible_in_colour(text: &str, colour: bool) -> Cow<'_, str> {
    made_visible(text, colour)
}

fn made_visible(text: &str, colour: bool) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find(is_obeyed) {
        shown.push_str(&rest[..at]);
        rest = &rest[at..];
        let paint = paint_at(rest).filter(|_| colour);
        let taken = match (paint, rest.chars().next()) {
            (Some(length), _) => {
                shown.push_str(&rest[..length]);
                length
            }
            (None, Some(c)) => {
                // Writing to a string cannot fail.
                let _ = write!(shown, "\\u{:04x}", u32::from(c));
                c.len_utf8()
            }
            (None, None) => break,
        };
        rest = &rest[taken..];
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// Returns the length of the sequence for a colour or a weight, if the text begins with one.
fn paint_at(text: &str) -> Option<usize> {
    let numbers = text.strip_prefix("\x1b[")?;
    let end = numbers.find(|c: char| !(c.is_ascii_digit() || c == ';'))?;
    numbers[end..]
        .starts_with('m')
        .then_some("\x1b[".len() + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        for (text, shown) in [
            ("a\x1b[2Jb", "a\\u001b[2Jb"),
            ("\x1b]0;title\x07", "\\u001b]0;title\\u0007"),
            ("a\rb\x08\x7f", "a\\u000db\\u0008\\u007f"),
            ("\u{9b}31m", "\\u009b31m"),
            ("a\u{202e}b", "a\\u202eb"),
            ("\x1b[31mred", "\\u001b[31mred"),
            ("äöü€𝄞\n\tx", "äöü€𝄞\n\tx"),
            ("\x1b", "\\u001b"),
        ] {
            assert_eq!(visible(text), shown, "{text:?}");
            assert!(!visible(text).contains('\x1b'));
        }
    }

    #[test]
    fn own_colours_stay_and_nothing_else() {
        for (text, shown) in [
            ("\x1b[1;31mred\x1b[0m", "\x1b[1;31mred\x1b[0m"),
            ("\x1b[mplain", "\x1b[mplain"),
            ("\x1b[2J", "\\u001b[2J"),
            ("\x1b[?25l", "\\u001b[?25l"),
            ("\x1b[31", "\\u001b[31"),
            ("\x1b", "\\u001b"),
        ] {
            assert_eq!(visible_in_colour(text, true), shown, "{text:?}");
            assert!(!visible_in_colour(text, false).contains('\x1b'));
        }
    }

    #[test]
    fn a_line_of_json_means_the_same() {
        let value = serde_json::json!({ "name": "a\x1b[2J\u{9b}\u{202e}\u{7f}\n" });
        let read: serde_json::Value =
            serde_json::from_str(&visible(&value.to_string())).expect("JSON");
        assert_eq!(read, value);
    }
}

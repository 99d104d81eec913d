//! Makes text from a guest safe to show: no terminal control, and only characters that XML 1.0 can hold.
//!
//! A guest may write anything to its serial console. Raw, it could move the cursor of the person who reads the summary,
//! or make `junit.xml` a file that no parser accepts.

use crate::job_log::inert;

/// Returns true if a terminal would not show the character but obey it, or would change the order of the text after it.
/// Line ends and tabs are shown.
pub fn is_obeyed(c: char) -> bool {
    let turns =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && !matches!(c, '\n' | '\t'))
}

/// Removes escape sequences and control characters from a text of several lines.
///
/// Line ends of every kind become `\n`; tabs stay. Characters that XML 1.0 cannot hold (other control characters,
/// U+FFFE, U+FFFF) are dropped. So are marks of writing direction, which can make a text look like another one.
pub(crate) fn plain(text: &str) -> String {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    if text.bytes().all(is_plain) {
        return text.to_owned(); // So are most texts.
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\x1b' => skip_escape(&mut rest),
            // The one-character forms of `ESC [` and of the sequences that carry a string.
            '\u{9b}' => skip_control_sequence(&mut rest),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => skip_control_string(&mut rest),
            '\r' => {
                rest.next_if_eq(&'\n');
                plain.push('\n');
            }
            '\n' | '\t' => plain.push(c),
            // The line ends of Unicode, at which some readers part lines.
            '\u{2028}' | '\u{2029}' => plain.push('\n'),
            '\u{fffe}' | '\u{ffff}' => {}
            c if is_obeyed(c) => {}
            c => plain.push(c),
        }
    }
    plain
}

/// Returns a text on one line that is safe to show. Escape sequences, control characters and marks of writing direction
/// are removed; line ends and tabs become spaces; nothing in it is a command to the server that shows the log of a job.
pub fn plain_line(text: &str) -> String {
    let text = plain(text);
    let text = text.trim_end_matches('\n');
    let line = match text.contains(['\n', '\t']) {
        true => text.replace(['\n', '\t'], " "),
        false => text.to_owned(),
    };
    inert(&line).into_owned()
}

type Rest<'t> = std::iter::Peekable<std::str::Chars<'t>>;

fn skip_escape(rest: &mut Rest<'_>) {
    match rest.peek() {
        Some('[') => {
            rest.next();
            skip_control_sequence(rest);
        }
        Some('P' | 'X' | ']' | '^' | '_') => {
            rest.next();
            skip_control_string(rest);
        }
        // `ESC ( B` and its like: intermediates, then one final character.
        Some(' '..='/') => {
            while rest.next_if(|c| matches!(c, ' '..='/')).is_some() {}
            rest.next_if(|c| matches!(c, '0'..='~'));
        }
        Some('0'..='~') => {
            rest.next();
        }
        Some(_) | None => {}
    }
}

/// Skips parameters, intermediates and one final character. Any other character ends the sequence.
fn skip_control_sequence(rest: &mut Rest<'_>) {
    while rest.next_if(|c| matches!(c, ' '..='?')).is_some() {}
    rest.next_if(|c| matches!(c, '@'..='~'));
}

/// Skips a string up to its terminator. A line end ends it too: one lost terminator must not swallow the rest of a log.
fn skip_control_string(rest: &mut Rest<'_>) {
    while let Some(c) = rest.next_if(|c| !matches!(c, '\n' | '\r')) {
        match c {
            '\x07' | '\u{9c}' => return,
            '\x1b' => {
                rest.next_if_eq(&'\\');
                return;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_go_and_their_text_stays() {
        for (raw, shown) in [
            ("\x1b[1;31mred\x1b[0m", "red"),
            ("\x1b[?25l\x1b[2Jclean", "clean"),
            ("\u{9b}31mred", "red"),
            ("\x1b]0;title\x07text", "text"),
            ("\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\", "link"),
            ("\x1b]0;never ended\nnext line", "\nnext line"),
            ("\x1bPq#0\x1b\\after", "after"),
            ("\x1b(Bascii", "ascii"),
            ("\x1b7saved\x1b8", "saved"),
            ("\x1b", ""),
            ("\x1b[", ""),
            ("\x1b[31", ""),
            ("\x1b[31é", "é"),
            ("\x1bé", "é"),
        ] {
            assert_eq!(plain(raw), shown, "{raw:?}");
        }
    }

    #[test]
    fn line_ends_are_one_kind_and_control_characters_go() {
        assert_eq!(plain("a\r\nb\rc\nd\te"), "a\nb\nc\nd\te");
        assert_eq!(plain("a\0b\x07c\x7fd\u{85}e\u{fffe}f\u{ffff}g"), "abcdefg");
        assert_eq!(plain("ab\u{202e}cd\u{2066}"), "abcd");
        assert_eq!(plain("\u{fffd}€𝄞"), "\u{fffd}€𝄞");
        assert_eq!(plain_line("two\r\nlines\there\n"), "two lines here");
        assert_eq!(plain_line("a\u{2028}b\u{2029}c"), "a b c");
        // Together only once the control character between them is gone.
        assert_eq!(plain_line("#\0#[error]x"), "# #[error]x");
    }

    proptest! {
        #[test]
        fn nothing_is_left_that_xml_cannot_hold_or_that_a_terminal_obeys(text in any::<String>()) {
            for c in plain(&text).chars() {
                prop_assert!(!c.is_control() || matches!(c, '\n' | '\t'), "{c:?}");
                let in_xml = !matches!(c, '\u{fffe}' | '\u{ffff}');
                prop_assert!(in_xml);
            }
            prop_assert!(!plain_line(&text).contains(['\n', '\t']));
        }

        #[test]
        fn plain_text_is_left_as_it_is(text in "[ -~äöü€\n\t]*") {
            prop_assert_eq!(plain(&text), text);
        }
    }
}

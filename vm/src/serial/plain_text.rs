/// The longest escape sequence that is waited for; a longer one is no sequence.
const LONGEST_SEQUENCE: usize = 4096;

/// What the bytes from 0xb0 to 0xdf are in code page 437, in which UEFI's terminals draw menus and progress bars.
const DRAWN: &str = "░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀";

/// Turns the bytes of a terminal into plain text, however they arrive.
///
/// Removed: escape sequences, NUL, BEL, backspace, DEL. `\r\n` (any number of `\r`) becomes `\n`, and so does a lone `\r`. A sequence
/// that moves the cursor to a place begins a new line: firmware writes its screens so. Other control characters become their pictures
/// (U+2400 and following). Of bytes that are no UTF-8, those with which PC firmware draws lines become these lines, others U+FFFD.
#[derive(Debug, Default)]
pub(super) struct PlainText {
    state: State,
    // Bytes of a character or length of a sequence not yet ended.
    begun: Vec<u8>,
    after_return: bool,
    // What was written last, to know whether a line has begun.
    line_begun: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// After ESC and an intermediate byte such as `(`.
    Intermediate,
    /// After ESC [.
    Control,
    /// After ESC ], ESC P and the like: text up to BEL or ESC \.
    String,
    /// After ESC in such a text.
    StringEscape,
}

impl PlainText {
    /// Takes the next bytes and appends their text.
    pub(super) fn push(&mut self, bytes: &[u8], text: &mut String) {
        for &byte in bytes {
            self.take(byte, text);
        }
    }

    fn take(&mut self, byte: u8, text: &mut String) {
        if self.state != State::Text {
            self.begun.push(byte);
            // A line end is never part of a sequence; what was cut off by it was none.
            if byte == b'\n' || byte == b'\r' || self.begun.len() > LONGEST_SEQUENCE {
                self.ground();
            } else {
                return self.sequence(byte, text);
            }
        }
        if !self.begun.is_empty() && byte & 0xc0 != 0x80 {
            self.cut_off(text);
        }
        match byte {
            0x1b => self.state = State::Escape,
            0x80.. => self.multibyte(byte, text),
            _ => self.write(char::from(byte), text),
        }
    }

    fn ground(&mut self) {
        self.state = State::Text;
        self.begun.clear();
    }

    fn sequence(&mut self, byte: u8, text: &mut String) {
        self.state = match (self.state, byte) {
            (State::String, 0x07) | (State::StringEscape, b'\\') => State::Text,
            (State::String | State::StringEscape, 0x1b) => State::StringEscape,
            (State::String | State::StringEscape, _) => State::String,
            // CAN and SUB end a sequence, ESC begins another.
            (_, 0x18 | 0x1a) => State::Text,
            (_, 0x1b) => State::Escape,
            (State::Escape, b'[') => State::Control,
            (State::Escape, b']' | b'P' | b'X' | b'^' | b'_') => State::String,
            (State::Escape | State::Intermediate, 0x20..=0x2f) => State::Intermediate,
            (State::Escape | State::Intermediate | State::Text, _) => State::Text,
            (State::Control, 0x40..=0x7e) => {
                if matches!(byte, b'H' | b'f') && self.line_begun {
                    self.write('\n', text);
                }
                State::Text
            }
            (State::Control, _) => State::Control,
        };
        if self.state == State::Text {
            self.begun.clear();
        }
    }

    fn multibyte(&mut self, byte: u8, text: &mut String) {
        self.begun.push(byte);
        match std::str::from_utf8(&self.begun) {
            Ok(whole) => {
                let character = whole.chars().next();
                self.begun.clear();
                if let Some(character) = character {
                    self.write(character, text);
                }
            }
            // More bytes may make it whole.
            Err(error) if error.error_len().is_none() => {}
            Err(_) => self.cut_off(text),
        }
    }

    /// What has begun is no character.
    fn cut_off(&mut self, text: &mut String) {
        let drawn = match self.begun[..] {
            [byte @ 0xb0..=0xdf] => DRAWN.chars().nth(usize::from(byte - 0xb0)),
            _ => None,
        };
        self.begun.clear();
        self.write(drawn.unwrap_or('\u{fffd}'), text);
    }

    fn write(&mut self, character: char, text: &mut String) {
        if character == '\r' {
            self.after_return = true;
            return;
        }
        if std::mem::take(&mut self.after_return) && character != '\n' && self.line_begun {
            text.push('\n');
            self.line_begun = false;
        }
        let shown = match character {
            '\0' | '\u{7}' | '\u{8}' | '\u{7f}' => return,
            '\n' | '\t' => character,
            '\0'..' ' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
            '\u{80}'..'\u{a0}' => '\u{fffd}',
            _ => character,
        };
        self.line_begun = shown != '\n';
        text.push(shown);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(chunks: &[&[u8]]) -> String {
        let mut decoder = PlainText::default();
        let mut text = String::new();
        for chunk in chunks {
            decoder.push(chunk, &mut text);
        }
        text
    }

    #[test]
    fn what_a_terminal_would_not_show_is_removed() {
        let rows: [(&[u8], &str); 19] = [
            (b"login: ", "login: "),
            (b"a\r\nb\r\r\nc\n", "a\nb\nc\n"),
            (b"10%\r20%\r\n", "10%\n20%\n"),
            (b"\r\rx", "x"),
            (b"[  \x1b[0;32mOK\x1b[0m  ] Started", "[  OK  ] Started"),
            (b"\x1b]0;title\x07$ \x1b]8;;x\x1b\\y", "$ y"),
            (b"\x1b(Bx\x1b)0y\x1b=z\x1bc!", "xyz!"),
            (
                b"\x1b[2J\x1b[01;01HBdsDxe: one\x1b[02;01Htwo",
                "BdsDxe: one\ntwo",
            ),
            (b"\x1bP1$r0m\x1b\\done", "done"),
            (b"a\0b\x07c\x08d\x7fe", "abcde"),
            (b"\x01\x1f", "\u{2401}\u{241f}"),
            ("grün €".as_bytes(), "grün €"),
            (b"\xff\xe2(\xe2\x82x", "\u{fffd}\u{fffd}(\u{fffd}x"),
            (b"\xb0 \xc4\xc4\xd9 \xdfx", "░ ──┘ ▀x"),
            (b"\xc2\x9b", "\u{fffd}"),
            (b"\x1b[31\nnext", "\nnext"),
            (b"\x1b[3\x18x", "x"),
            (b"\x1b[3\x1b[0mx", "x"),
            (b"\tx", "\tx"),
        ];
        for (bytes, expected) in rows {
            assert_eq!(plain(&[bytes]), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_sequence_that_never_ends_does_not_swallow_the_console() {
        let mut bytes = b"\x1b]".to_vec();
        bytes.extend([b'x'; LONGEST_SEQUENCE + 10]);
        bytes.extend(b"\nlogin: ");
        assert!(plain(&[&bytes]).ends_with("\nlogin: "));
        assert_eq!(plain(&[b"\x1b]never ends\nlogin: "]), "\nlogin: ");
    }

    proptest! {
        #[test]
        fn the_text_is_the_same_for_any_chunks(bytes in proptest::collection::vec(
            prop_oneof![any::<u8>(), Just(0x1b), Just(b'['), Just(b'\r'), Just(b'\n'), Just(0xc3), Just(0xa4)], 0..60), size in 1..8_usize) {
            let chunks: Vec<_> = bytes.chunks(size).collect();
            let text = plain(&chunks);
            prop_assert_eq!(&text, &plain(&[&bytes]));
            prop_assert!(text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
        }
    }
}

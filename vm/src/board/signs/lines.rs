//! Splits the bytes of a terminal into lines of plain text, however they arrive.

/// The bytes of a line that are kept. Signs are at its begin.
const KEPT: usize = 1024;

/// The longest escape sequence. A longer one is noise.
const LONGEST_ESCAPE: usize = 256;

/// A line that has ended, and is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Its text, without escape sequences and control characters. Bytes that are no UTF-8 are U+FFFD.
    pub(super) text: String,
    /// The number of bytes of the stream before it.
    pub(super) position: u64,
    /// True if an empty line is before it.
    pub(super) is_apart: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    /// After ESC.
    Escape,
    /// In a control sequence: `ESC [ ... letter`.
    Control,
    /// In a text for the terminal, such as a window title: `ESC ] ... BEL`.
    Title,
    /// After ESC in such a text: its end is `ESC \`.
    TitleEscape,
}

/// The lines of a stream. Its memory is bounded.
#[derive(Debug)]
pub(super) struct Lines {
    place: Place,
    /// The length of the escape sequence so far.
    escape: usize,
    kept: Vec<u8>,
    begin: u64,
    position: u64,
    /// The line feeds since the last line with text.
    feeds: u32,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self {
            place: Place::Text,
            escape: 0,
            kept: Vec::new(),
            begin: 0,
            position: 0,
            // Before the first byte may be anything.
            feeds: 2,
        }
    }

    /// Returns the number of bytes that were taken.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Takes the next byte. Returns the line that it ends.
    pub(super) fn push(&mut self, byte: u8) -> Option<Line> {
        let at = self.position;
        self.position += 1;
        match self.place {
            Place::Text => self.text(byte, at),
            _ if self.escape >= LONGEST_ESCAPE => {
                self.place = Place::Text;
                self.text(byte, at)
            }
            Place::Escape => {
                self.escape += 1;
                self.place = match byte {
                    b'[' => Place::Control,
                    b']' => Place::Title,
                    _ => Place::Text,
                };
                None
            }
            Place::Control => {
                self.escape += 1;
                match byte {
                    // Where the cursor goes or the screen is empty, another line begins.
                    b'H' | b'f' | b'J' | b'd' | b'E' | b'F' => {
                        self.place = Place::Text;
                        self.end()
                    }
                    0x40..=0x7e => {
                        self.place = Place::Text;
                        None
                    }
                    0x20..=0x3f => None,
                    // It was cut off.
                    _ => {
                        self.place = Place::Text;
                        self.text(byte, at)
                    }
                }
            }
            Place::Title | Place::TitleEscape => {
                self.escape += 1;
                self.place = match (self.place, byte) {
                    (_, 0x07) | (Place::TitleEscape, b'\\') => Place::Text,
                    (_, 0x1b) => Place::TitleEscape,
                    _ => Place::Title,
                };
                // A title has no line ends: it was cut off.
                if byte == b'\n' || byte == b'\r' {
                    self.place = Place::Text;
                    return self.text(byte, at);
                }
                None
            }
        }
    }

    /// Returns the line that has not ended. None if it has no text yet.
    pub(super) fn waiting(&self) -> Option<Line> {
        let text = String::from_utf8_lossy(&self.kept).into_owned();
        (!text.trim().is_empty()).then_some(Line {
            text,
            position: self.begin,
            is_apart: self.feeds >= 2,
        })
    }

    fn text(&mut self, byte: u8, at: u64) -> Option<Line> {
        match byte {
            b'\n' => {
                let line = self.end();
                self.feeds = self.feeds.saturating_add(1);
                line
            }
            b'\r' => self.end(),
            0x1b => {
                (self.place, self.escape) = (Place::Escape, 0);
                None
            }
            0x08 => {
                self.kept.pop();
                None
            }
            b'\t' | b' '..=0x7e | 0x80.. => {
                if self.kept.is_empty() {
                    self.begin = at;
                }
                if self.kept.len() < KEPT {
                    self.kept.push(byte);
                }
                None
            }
            _ => None,
        }
    }

    fn end(&mut self) -> Option<Line> {
        let text = String::from_utf8_lossy(&self.kept).into_owned();
        self.kept.clear();
        if text.trim().is_empty() {
            return None;
        }
        let is_apart = self.feeds >= 2;
        self.feeds = 0;
        Some(Line {
            text,
            position: self.begin,
            is_apart,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<(String, u64, bool)> {
        let mut lines = Lines::new();
        let ended = bytes.iter().filter_map(|&byte| lines.push(byte));
        ended
            .map(|line| (line.text, line.position, line.is_apart))
            .collect()
    }

    #[test]
    fn lines_have_their_text_place_and_distance() {
        let line = |text: &str, position, is_apart| (text.to_owned(), position, is_apart);
        let rows: [(&[u8], Vec<_>); 8] = [
            (b"a\r\nb\n", vec![line("a", 0, true), line("b", 3, false)]),
            (
                b"a\r\n\r\nb\n",
                vec![line("a", 0, true), line("b", 5, true)],
            ),
            (
                b"\x1b[2J\x1b[1;1Ha\x1b[3;4Hb\n",
                vec![line("a", 10, true), line("b", 17, false)],
            ),
            (b"\x1b[?2004l\rx\r\n", vec![line("x", 9, true)]),
            (b"\x1b]0;title\x07x\n", vec![line("x", 10, true)]),
            (b"stop: 2 \x08\x08\x08 1\n", vec![line("stop: 1", 0, true)]),
            (b"\x00\xff\xfeU\n", vec![line("\u{fffd}\u{fffd}U", 1, true)]),
            (b"\x1b]never ended\r\nx\n", vec![line("x", 15, true)]),
        ];
        for (bytes, expected) in rows {
            assert_eq!(
                lines(bytes),
                expected,
                "{:?}",
                String::from_utf8_lossy(bytes)
            );
        }
    }

    #[test]
    fn noise_without_line_ends_needs_no_memory() {
        let mut all = Lines::new();
        for index in 0..1_000_000_u32 {
            assert_eq!(all.push(if index % 2 == 0 { b'x' } else { b'[' }), None);
        }
        assert_eq!(all.kept.len(), KEPT);
        for byte in b"\x1b[111".iter().chain(&[b'1'; 2000]) {
            assert_eq!(all.push(*byte), None);
        }
        assert_eq!(all.push(b'\n').unwrap().text.len(), KEPT);
    }
}

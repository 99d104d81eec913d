//! Interprets the bytes of a console as a terminal does.

use vte::{Params, Parser, Perform};

use super::characters::Characters;
use super::line_drawing::Charset;
use super::screen::{Part, Screen};

/// The longest escape sequence. A longer one is no sequence.
const LONGEST_SEQUENCE: usize = 4096;

/// The character that ends any sequence.
const CANCEL: u8 = 0x18;

/// A DEC terminal without a fixed width.
///
/// Control characters without a meaning become their pictures (U+2400 and following). A line end also ends an open
/// sequence: an incomplete one must not hide the rest of the console.
#[derive(Default)]
pub(super) struct Terminal {
    characters: Characters,
    parser: Parser,
    shown: Shown,
}

/// The screen that the sequences change.
#[derive(Debug, Default)]
struct Shown {
    screen: Screen,
    /// The character sets G0 to G3.
    charsets: [Charset; 4],
    /// The number of the set in use.
    active: usize,
    /// The number of the set for the next character only.
    single: Option<usize>,
    saved: ([Charset; 4], usize),
    /// The last character that was shown.
    last: Option<char>,
    /// True if the next cancel character is ours.
    is_cancelled: bool,
    /// The number of bytes since the last visible effect.
    waited: usize,
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.shown.fmt(f)
    }
}

impl Terminal {
    /// Interprets the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let (parser, shown) = (&mut self.parser, &mut self.shown);
            self.characters.push(byte, |character| {
                if matches!(character, '\n' | '\r') || shown.waited > LONGEST_SEQUENCE {
                    shown.is_cancelled = true;
                    parser.advance(shown, &[CANCEL]);
                    shown.is_cancelled = false;
                }
                shown.waited += 1;
                parser.advance(shown, character.encode_utf8(&mut [0; 4]).as_bytes());
            });
        }
    }

    pub(super) fn screen(&self) -> &Screen {
        &self.shown.screen
    }

    pub(super) fn screen_mut(&mut self) -> &mut Screen {
        &mut self.shown.screen
    }
}

impl Perform for Shown {
    fn print(&mut self, character: char) {
        self.waited = 0;
        let shown = match character {
            '\u{7f}' => return,
            '\u{80}'..='\u{9f}' => '\u{fffd}',
            _ => self.charsets[self.single.take().unwrap_or(self.active)].shown(character),
        };
        self.screen.print(shown);
        self.last = Some(shown);
    }

    fn execute(&mut self, byte: u8) {
        self.waited = 0;
        self.last = None;
        match byte {
            CANCEL if self.is_cancelled => {}
            b'\n' | 0x0b | 0x0c => self.screen.line_feed(),
            b'\r' => self.screen.carriage_return(),
            b'\t' => self.screen.tab(),
            0x08 => self.screen.left(1),
            0x0e => self.active = 1,
            0x0f => self.active = 0,
            // NUL, BEL and the end of a sequence show nothing.
            0x00 | 0x07 | CANCEL | 0x1a => {}
            0x01..0x20 => {
                let picture = char::from_u32(0x2400 + u32::from(byte));
                self.screen.print(picture.unwrap_or('\u{fffd}'));
            }
            _ => self.screen.print('\u{fffd}'),
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], _ignore: bool, action: char) {
        self.waited = 0;
        let number = |index: usize| {
            params
                .iter()
                .nth(index)
                .and_then(|param| param.first())
                .copied()
        };
        let value = |index| usize::from(number(index).unwrap_or(0));
        // Absent and zero both mean one.
        let count = |index| value(index).max(1);
        let signed = || isize::try_from(count(0)).unwrap_or(isize::MAX);
        let screen = &mut self.screen;
        let last = self.last.take();
        match (intermediates, action) {
            // Repeats the last character.
            ([], 'b') => {
                let more =
                    last.map(|last| std::iter::repeat_n(last, count(0).min(LONGEST_SEQUENCE)));
                more.into_iter()
                    .flatten()
                    .for_each(|shown| screen.print(shown));
            }
            ([], '@') => screen.insert_characters(count(0)),
            ([], 'A') => screen.up(count(0)),
            ([], 'B' | 'e') => screen.down(count(0)),
            ([], 'C' | 'a') => screen.right(count(0)),
            ([], 'D') => screen.left(count(0)),
            ([], 'E') => {
                screen.down(count(0));
                screen.move_to_column(0);
            }
            ([], 'F') => {
                screen.up(count(0));
                screen.move_to_column(0);
            }
            ([], 'G' | '`') => screen.move_to_column(count(0) - 1),
            ([], 'H' | 'f') => screen.place(count(0) - 1, count(1) - 1),
            ([], 'd') => screen.place(count(0) - 1, screen.cursor().column),
            ([], 'J') => match value(0) {
                0 => screen.erase_in_screen(Part::After),
                1 => screen.erase_in_screen(Part::Before),
                2 => screen.erase_in_screen(Part::All),
                _ => {}
            },
            ([], 'K') => match value(0) {
                0 => screen.erase_in_line(Part::After),
                1 => screen.erase_in_line(Part::Before),
                2 => screen.erase_in_line(Part::All),
                _ => {}
            },
            ([], 'L') => screen.insert_lines(signed()),
            ([], 'M') => screen.insert_lines(-signed()),
            ([], 'P') => screen.delete_characters(count(0)),
            ([], 'S') => screen.scroll(signed()),
            ([], 'T') => screen.scroll(-signed()),
            ([], 'X') => screen.erase_characters(count(0)),
            ([], 'r') => screen.set_region(
                count(0) - 1,
                number(1)
                    .filter(|&line| line > 0)
                    .map(|line| usize::from(line) - 1),
            ),
            ([], 's') => screen.save_cursor(),
            ([], 'u') => screen.restore_cursor(),
            ([], 'h' | 'l') if value(0) == 4 => screen.inserts = action == 'h',
            (b"?", 'h' | 'l') if matches!(value(0), 47 | 1047 | 1049) => {
                screen.switch(action == 'h')
            }
            (b"!", 'p') => self.soft_reset(),
            // Colours, modes and questions show nothing.
            _ => {}
        }
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], _ignore: bool, byte: u8) {
        self.waited = 0;
        let charset = if byte == b'0' {
            Charset::Graphics
        } else {
            Charset::Plain
        };
        match (intermediates, byte) {
            (b"(", _) => self.charsets[0] = charset,
            (b")", _) => self.charsets[1] = charset,
            (b"*", _) => self.charsets[2] = charset,
            (b"+", _) => self.charsets[3] = charset,
            ([], b'n') => self.active = 2,
            ([], b'o') => self.active = 3,
            ([], b'N') => self.single = Some(2),
            ([], b'O') => self.single = Some(3),
            ([], b'7') => {
                self.saved = (self.charsets, self.active);
                self.screen.save_cursor();
            }
            ([], b'8') => {
                (self.charsets, self.active) = self.saved;
                self.screen.restore_cursor();
            }
            ([], b'D') => self.screen.index(),
            ([], b'E') => {
                self.screen.carriage_return();
                self.screen.line_feed();
            }
            ([], b'M') => self.screen.reverse_index(),
            ([], b'c') => {
                self.soft_reset();
                self.screen.reset();
            }
            _ => {}
        }
    }

    fn osc_dispatch(&mut self, _params: &[&[u8]], _bell_terminated: bool) {
        self.waited = 0;
    }

    fn unhook(&mut self) {
        self.waited = 0;
    }
}

impl Shown {
    fn soft_reset(&mut self) {
        self.charsets = [Charset::Plain; 4];
        self.active = 0;
        self.screen.inserts = false;
    }
}

//! The text of a console: complete lines, lines that can still be rewritten, and the former text of rewritten lines.

use std::collections::VecDeque;

use super::echo::Sent;
use super::terminal::Terminal;
use super::text::Text;

/// The number of bytes of rewritten text that are kept.
const REPLACED: usize = 1 << 20;

/// The number of sent texts whose echo is known.
const SENT: usize = 64;

/// The number of lines whose place among the bytes of the guest is known.
const LINES: usize = 1 << 14;

/// The text of a console, by positions that count from the first byte ever written.
#[derive(Debug)]
pub(super) struct Transcript {
    terminal: Terminal,
    /// The complete text, and behind it the text of the screen.
    text: Text,
    /// The number of bytes of it that are complete.
    whole: usize,
    replaced: VecDeque<Text>,
    replaced_size: usize,
    sent: VecDeque<Sent>,
    limit: usize,
    /// The bytes of the guest that were taken.
    taken: u64,
    /// For the begin of each of the last lines: the bytes of the guest before it, and its position.
    lines: VecDeque<(u64, u64)>,
}

impl Transcript {
    /// Returns an empty transcript that keeps at least `limit` bytes, and at most twice as many.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            terminal: Terminal::default(),
            text: Text::default(),
            whole: 0,
            replaced: VecDeque::new(),
            replaced_size: 0,
            sent: VecDeque::new(),
            limit,
            taken: 0,
            lines: VecDeque::from([(0, 0)]),
        }
    }

    /// Returns the position at which a line begins: the last one that begins at or before a byte of the guest. None if
    /// it is not known any more.
    pub(super) fn line_at(&self, byte: u64) -> Option<u64> {
        let lines = self.lines.iter().rev();
        lines
            .into_iter()
            .find_map(|(begin, position)| (*begin <= byte).then_some(*position))
    }

    /// Returns the position of the next byte.
    pub(super) fn end(&self) -> u64 {
        self.terminal.screen().clock()
    }

    /// Takes the output of the guest.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.terminal.push(part);
            self.taken += part.len() as u64;
            if part.ends_with(b"\n") {
                self.lines.push_back((self.taken, self.end()));
            }
        }
        let surplus = self.lines.len().saturating_sub(LINES);
        self.lines.drain(..surplus);
        let screen = self.terminal.screen_mut();
        let finished = std::mem::take(&mut screen.finished);
        let replaced = std::mem::take(&mut screen.replaced);
        self.text.truncate(self.whole);
        self.text.push_part(&finished, 0..finished.len());
        self.whole = self.text.len();
        self.terminal.screen().write_to(&mut self.text);
        for text in replaced {
            self.replaced_size += text.len();
            self.replaced.push_back(text);
        }
        while self.replaced_size > REPLACED {
            let oldest = self.replaced.pop_front();
            self.replaced_size -= oldest.map_or(self.replaced_size, |text| text.len());
        }
        if self.text.len() > 2 * self.limit {
            // Seldom, and much at once: removing text costs as much as the rest is long.
            let surplus = self.boundary((self.text.len() - self.limit).min(self.whole));
            self.text.drop_before(surplus);
            self.whole -= surplus;
        }
    }

    /// Notes text that is sent, so that its echo is known. Returns the position from which an answer can come.
    pub(super) fn send(&mut self, bytes: &[u8]) -> u64 {
        let position = self.end();
        let prompt = self.terminal.screen().before_cursor();
        if let Some(sent) = Sent::new(bytes, position, prompt) {
            self.sent.push_back(sent);
        }
        if self.sent.len() > SENT {
            self.sent.pop_front();
        }
        position
    }

    /// Returns the text that a terminal shows, with everything that has scrolled away.
    pub(super) fn text(&self) -> &Text {
        &self.text
    }

    /// Returns the former texts of rewritten lines.
    pub(super) fn replaced(&self) -> impl Iterator<Item = &Text> {
        self.replaced.iter()
    }

    /// Returns the sent texts whose echo may come.
    pub(super) fn sent(&self) -> impl Iterator<Item = &Sent> {
        self.sent.iter()
    }

    /// Returns the position before which all lines have ended.
    pub(super) fn settled(&self) -> u64 {
        self.terminal.screen().settled()
    }

    /// Returns true if the cursor is before the end of its line: the text there may be about to be rewritten.
    pub(super) fn is_inside_line(&self) -> bool {
        self.terminal.screen().is_inside_line()
    }

    /// Returns the text from a position on.
    pub(super) fn from(&self, from: u64) -> &str {
        let place = self.text.first_since(from).unwrap_or(self.text.len());
        &self.text.as_str()[place..]
    }

    /// Returns the text from a position to another one.
    pub(super) fn between(&self, from: u64, to: u64) -> &str {
        let place = |position| self.text.first_since(position).unwrap_or(self.text.len());
        let (from, to) = (place(from), place(to));
        self.text.as_str().get(from..to).unwrap_or_default()
    }

    /// Returns the last lines. If the guest writes above them, returns those up to the place where it writes.
    pub(super) fn tail(&self, lines: usize) -> &str {
        let last = |text: &'_ str, lines: usize| -> usize {
            let mut starts = text.rmatch_indices('\n').map(|(at, _)| at + 1);
            starts.nth(lines - 1).unwrap_or(0)
        };
        if lines == 0 {
            return "";
        }
        let text = self.text.as_str();
        let text = text.strip_suffix('\n').unwrap_or(text);
        let below = self.terminal.screen().lines_below_cursor();
        let end = if below >= lines {
            last(text, below).saturating_sub(1)
        } else {
            text.len()
        };
        let text = &text[..end];
        &text[last(text, lines)..]
    }

    fn boundary(&self, place: usize) -> usize {
        (place..=self.text.len())
            .find(|&place| self.text.as_str().is_char_boundary(place))
            .unwrap_or(self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(chunks: &[&[u8]]) -> Transcript {
        let mut transcript = Transcript::new(1 << 20);
        for chunk in chunks {
            transcript.push(chunk);
        }
        transcript
    }

    #[test]
    fn the_text_is_what_a_terminal_shows() {
        let wide = "x".repeat(80);
        let wrapped = format!("{wide} \rand on\x1b[A\x1b[2Cup");
        let unwrapped = format!("{}up{}and on", "x".repeat(8), "x".repeat(70));
        let rows: &[(&[u8], &str)] = &[
            (b"login: ", "login: "),
            (b"a\r\nb\r\r\nc\n", "a\nb\nc\n"),
            (b"a\n\n\nb", "a\n\n\nb"),
            // Lines that are rewritten.
            (b"10%\r20%\r\n", "20%\n"),
            (b"copied   9%\x08\x08\x08\x08100%\r\n", "copied 100%\n"),
            (b"one\x1b[10Ctwo\r\n", "one          two\n"),
            (b"long line\rshort\x1b[K\r\n", "short\n"),
            (b"abc\x08 \x08\x08 \x08x", "ax"),
            (b"# abc\x08 \x08\x08 \x08\x08 \x08", "# "),
            (b"100%\r 99%", " 99%"),
            (b"abcdef\r\x1b[2Px\x1b[@y\x1b[3X", "xy"),
            (
                b"one\r\ntwo\r\n\x1b[2A\x1b[2KONE\x1b[2B\rthree",
                "ONE\ntwo\nthree",
            ),
            (b"\x1b[4hbc\ra\x1b[4l", "abc"),
            (b"\x1b7one\x1b8two", "two"),
            (wrapped.as_bytes(), &unwrapped),
            // Special characters.
            (b"\x1b(0lqqk\x1b(B x", "┌──┐ x"),
            (b"\x1b)0\x0elqk\x0f q", "┌─┐ q"),
            (b"\x1b*0\x1bnqk\x0f q\x1b+0\x1bOqq", "─┐ q─q"),
            (b"-\x1b[3b> \x1b(0q\x1b[2b\x1b[9b", "----> ───"),
            ("grün €".as_bytes(), "grün €"),
            (b"\xff\xe2(\xe2\x82x", "\u{fffd}\u{fffd}(\u{fffd}x"),
            (b"\xb0 \xc4\xc4\xd9 \xdfx", "░ ──┘ ▀x"),
            (b"\xc2\x9b", "\u{fffd}"),
            (b"\x01\x1f", "\u{2401}\u{241f}"),
            (b"a\0b\x07c\x7fd", "abcd"),
            (b"\tx\ta", "\tx\ta"),
            (b"\tx\rab", "ab      x"),
            // Sequences that show nothing.
            (b"[  \x1b[0;32mOK\x1b[0m  ] Started", "[  OK  ] Started"),
            (b"\x1b]0;title\x07$ \x1b]8;;x\x1b\\y", "$ y"),
            (b"\x1b(Bx\x1b)0y\x1b=z\x1b[6n!", "xyz!"),
            (b"\x1bP1$r0m\x1b\\done", "done"),
            (b"\x1b[31\nnext", "\nnext"),
            (b"\x1b[3\x18x", "x"),
            (b"\x1b[3\x1b[0mx", "x"),
            (b"\x1b]never ends\nlogin: ", "\nlogin: "),
            // Screens.
            (
                b"\x1b[2J\x1b[01;01HBdsDxe: one\x1b[02;01Htwo",
                "BdsDxe: one\ntwo",
            ),
            (b"one\x1b[2J\x1b[Htwo\x1b[H\x1b[Jthree", "one\ntwo\nthree"),
            (b"\x1b[5;3Hbelow\x1b[1;1Habove", "above\n  below"),
            (
                b"shell\r\n\x1b[?1049h\x1b[Hdialog\x1b[?1049l# ",
                "shell\ndialog\n# ",
            ),
            (b"\x1b[999;999H\x1b[6n\x1b[1;1Hx", "x"),
            (b"one\r\ntwo\r\n\x1b[1;1H\x1bMzero", "zero\none\ntwo\n"),
        ];
        for (bytes, expected) in rows {
            let text = shown(&[bytes]);
            assert_eq!(text.text().as_str(), *expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn lines_scroll_away_and_stay_text() {
        let lines: String = (0..100).map(|line| format!("line {line}\r\n")).collect();
        let text = shown(&[lines.as_bytes()]);
        assert_eq!(text.text().as_str(), lines.replace('\r', ""));
        assert_eq!(text.end(), text.text().len() as u64);
        assert_eq!(text.from(text.end()), "");
        // A progress bar below a scrolling region.
        let text = shown(&[
            b"\x1b[1;3r\x1b[24;1H[##  ]\x1b[1;1Ha\r\nb\r\nc\r\nd\r\ne\r\n\x1b[24;1H[####]",
        ]);
        assert_eq!(text.text().as_str(), "a\nb\nc\nd\ne\n[####]");
    }

    #[test]
    fn the_line_of_a_byte_is_known_by_its_position() {
        let bytes = b"\x1b[1mone\x1b[0m\r\n\x1b[2K\xc3\xa9 two\r\n\r\nU-Boot SPL\r\n";
        let mut text = Transcript::new(1 << 20);
        // However it arrives.
        bytes.chunks(7).for_each(|part| text.push(part));
        let find = |words: &[u8]| {
            let at = bytes.windows(words.len()).position(|part| part == words);
            text.line_at(at.unwrap() as u64).unwrap()
        };
        for words in ["one", "two", "U-Boot SPL"] {
            let line = text.from(find(words.as_bytes()));
            assert!(
                line.lines().next().unwrap().ends_with(words),
                "{words}: {line}"
            );
        }
        (0..LINES).for_each(|_| text.push(b"\r\n"));
        assert_eq!(text.line_at(0), None);
        assert_eq!(text.line_at(u64::MAX), Some(text.end()));
    }

    #[test]
    fn what_a_rewritten_line_showed_before_is_kept_apart() {
        let text = shown(&[b"10%\r20%\r30%\r\n"]);
        let before: Vec<_> = text.replaced().map(Text::as_str).collect();
        assert_eq!(before, ["10%", "20%"]);
    }

    #[test]
    fn a_line_without_end_and_one_that_is_always_rewritten_cost_little() {
        let mut text = Transcript::new(1 << 16);
        for _ in 0..300 {
            text.push(&[b'x'; 9970]);
        }
        assert!(text.text().len() < 300 << 10, "{}", text.text().len());
        assert_eq!(text.end(), 300 * 9970);
        for turn in 0..20_000_u32 {
            text.push(format!("\r{turn:0100}").as_bytes());
        }
        let kept: usize = text.replaced().map(Text::len).sum();
        assert!(kept <= REPLACED, "{kept}");
        let mut bytes = b"\x1b]".to_vec();
        bytes.extend([b'x'; 5000]);
        bytes.extend(b"\r\nlogin: ");
        text.push(&bytes);
        assert!(text.text().as_str().ends_with("\nlogin: "));
    }

    #[test]
    fn the_tail_is_the_last_lines() {
        let rows = [
            ("", 3, ""),
            ("a\nb\nc", 2, "b\nc"),
            ("a\nb\nc\n", 2, "b\nc"),
            ("a\nb", 9, "a\nb"),
            ("a\n\n", 2, "a\n"),
            ("a\nb", 0, ""),
            // A guest that writes above its former text.
            ("a\nb\nc\nd\n\x1b[1;1HA", 2, "A"),
            ("a\nb\nc\nd\n\x1b[3;1HC", 2, "C\nd"),
        ];
        for (text, lines, expected) in rows {
            assert_eq!(shown(&[text.as_bytes()]).tail(lines), expected, "{text:?}");
        }
    }

    #[test]
    fn old_text_is_dropped_and_positions_stay() {
        let mut text = Transcript::new(10);
        text.push("0123456789\r\nab\r\n".repeat(30).as_bytes());
        assert_eq!(text.end(), 14 * 30);
        // Nothing of the text on the screen is lost.
        assert!(text.text().len() < 14 * 13, "{}", text.text().len());
        assert_eq!(text.from(text.end() - 4), "\nab\n");
    }
}

//! Splits the output of a build program into lines, and keeps the last ones.

use std::collections::VecDeque;

/// The number of lines that are kept for the message about a failure.
const TAIL_LINES: usize = 20;

/// The most bytes of a line that are passed on. A program that writes no line ends must not fill the memory.
const LINE_BYTES: usize = 4096;

/// Splits the output of a build program into lines, and keeps the last ones.
#[derive(Debug, Default)]
pub(super) struct BuildLines {
    open: Vec<u8>,
    tail: VecDeque<String>,
}

impl BuildLines {
    /// Takes bytes as they come, and passes on each line that they complete.
    pub(super) fn take(&mut self, bytes: &[u8], on_line: &mut impl FnMut(&str)) {
        for &byte in bytes {
            match byte {
                // A progress bar returns to the start of its line. Each of its states becomes a line here.
                b'\n' | b'\r' => self.finish(on_line),
                _ if self.open.len() < LINE_BYTES => self.open.push(byte),
                _ => {}
            }
        }
    }

    /// Passes on the last line if its end is missing.
    pub(super) fn finish(&mut self, on_line: &mut impl FnMut(&str)) {
        let line = printable(&self.open);
        self.open.clear();
        if line.is_empty() {
            return;
        }
        on_line(&line);
        if self.tail.len() == TAIL_LINES {
            self.tail.pop_front();
        }
        self.tail.push_back(line);
    }

    /// Returns the last lines, oldest first.
    pub(super) fn into_tail(self) -> Vec<String> {
        self.tail.into()
    }
}

fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .trim_end()
        .chars()
        .map(|c| match c {
            '\t' => ' ',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(chunks: &[&[u8]]) -> (Vec<String>, Vec<String>) {
        let mut lines = BuildLines::default();
        let mut seen = Vec::new();
        let mut on_line = |line: &str| seen.push(line.to_owned());
        for chunk in chunks {
            lines.take(chunk, &mut on_line);
        }
        lines.finish(&mut on_line);
        (seen, lines.into_tail())
    }

    #[test]
    fn lines_are_whole_however_the_bytes_are_cut() {
        let (seen, _) = lines(&[b"un", b"packing\nsetting", b" up\r\n\nlast"]);
        assert_eq!(seen, ["unpacking", "setting up", "last"]);
    }

    #[test]
    fn nothing_that_steers_a_terminal_is_passed_on() {
        let (seen, _) = lines(&[b"a\x1b[2Jb\tc\xff\n"]);
        assert_eq!(seen, ["a\u{fffd}[2Jb c\u{fffd}"]);
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let (seen, _) = lines(&[&[b'x'; 3 * LINE_BYTES], b"\nnext\n"]);
        assert_eq!(seen, ["x".repeat(LINE_BYTES), "next".to_owned()]);
    }

    #[test]
    fn the_last_twenty_lines_are_kept() {
        let text: String = (0..50).map(|n| format!("{n}\n")).collect();
        let (seen, tail) = lines(&[text.as_bytes()]);
        assert_eq!(seen.len(), 50);
        assert_eq!(tail.len(), TAIL_LINES);
        assert_eq!((tail[0].as_str(), tail[19].as_str()), ("30", "49"));
    }
}

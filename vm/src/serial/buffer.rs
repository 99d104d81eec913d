use regex::Regex;

/// A place where a pattern matches the console's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialMatch {
    /// Position of its first byte.
    pub start: u64,
    /// Position after its last byte: where to go on searching.
    pub end: u64,
    /// The text that matched.
    pub text: String,
    /// The whole line (or lines) it is on, without line end.
    pub line: String,
}

/// The newest text of a console, by positions that count from the first byte there ever was.
#[derive(Debug)]
pub(super) struct Buffer {
    text: String,
    // Position of the first byte kept.
    start: u64,
    limit: usize,
}

impl Buffer {
    /// Keeps at least `limit` bytes and at most twice as many.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            text: String::new(),
            start: 0,
            limit,
        }
    }

    /// Position of what comes next.
    pub(super) fn end(&self) -> u64 {
        self.start + self.text.len() as u64
    }

    /// Appends what `write` writes.
    pub(super) fn append(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.text);
        if self.text.len() > 2 * self.limit {
            // Seldom and in one go: moving the rest costs as much as the rest is long.
            let surplus = self.boundary(self.text.len() - self.limit);
            self.text.drain(..surplus);
            self.start += surplus as u64;
        }
    }

    pub(super) fn find(&self, pattern: &Regex, from: u64) -> Option<SerialMatch> {
        // `find_at` looks at what is before, so that `^` and `\b` mean what they say.
        let found = pattern.find_at(&self.text, self.index(from))?;
        let line_start = self.text[..found.start()]
            .rfind('\n')
            .map_or(0, |index| index + 1);
        let line_end = self.text[found.end()..]
            .find('\n')
            .map_or(self.text.len(), |index| found.end() + index);
        Some(SerialMatch {
            start: self.start + found.start() as u64,
            end: self.start + found.end() as u64,
            text: found.as_str().to_owned(),
            line: self.text[line_start..line_end].to_owned(),
        })
    }

    pub(super) fn from(&self, from: u64) -> &str {
        &self.text[self.index(from)..]
    }

    pub(super) fn tail(&self, lines: usize) -> &str {
        if lines == 0 {
            return "";
        }
        let text = self.text.strip_suffix('\n').unwrap_or(&self.text);
        let start = text
            .rmatch_indices('\n')
            .nth(lines - 1)
            .map_or(0, |(index, _)| index + 1);
        &text[start..]
    }

    /// The place in the text of a position: not before what is kept, not after its end, never inside a character.
    fn index(&self, position: u64) -> usize {
        let index = usize::try_from(position.saturating_sub(self.start)).unwrap_or(usize::MAX);
        self.boundary(index.min(self.text.len()))
    }

    fn boundary(&self, index: usize) -> usize {
        (index..=self.text.len())
            .find(|&index| self.text.is_char_boundary(index))
            .unwrap_or(self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(limit: usize, texts: &[&str]) -> Buffer {
        let mut buffer = Buffer::new(limit);
        for text in texts {
            buffer.append(|end| end.push_str(text));
        }
        buffer
    }

    fn regex(pattern: &str) -> Regex {
        Regex::new(pattern).unwrap()
    }

    #[test]
    fn a_match_tells_its_place_and_line() {
        let buffer = buffer(1000, &["Debian 13\n\nhost log", "in: "]);
        let found = buffer.find(&regex("log.n"), 0).unwrap();
        let expected = SerialMatch {
            start: 16,
            end: 21,
            text: "login".to_owned(),
            line: "host login: ".to_owned(),
        };
        assert_eq!(found, expected);
        assert_eq!(buffer.find(&regex("log.n"), found.end), None);
        assert_eq!(buffer.find(&regex("log.n"), 99), None);
    }

    #[test]
    fn a_line_begins_only_after_a_line_end() {
        let buffer = buffer(1000, &["a login\nlogin"]);
        assert_eq!(buffer.find(&regex("(?m)^login"), 2).unwrap().start, 8);
    }

    #[test]
    fn old_text_is_dropped_and_positions_stay() {
        let mut buffer = buffer(10, &["0123456789", "äbcdefghij"]);
        assert_eq!((buffer.end(), buffer.from(0)), (21, "bcdefghij"));
        buffer.append(|end| end.push('!'));
        assert_eq!((buffer.end(), buffer.from(18)), (22, "hij!"));
        assert_eq!(buffer.find(&regex("j"), 3).unwrap().start, 20);
    }

    #[test]
    fn a_position_inside_a_character_is_that_after_it() {
        assert_eq!(buffer(10, &["äb"]).from(1), "b");
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
        ];
        for (text, lines, expected) in rows {
            assert_eq!(buffer(100, &[text]).tail(lines), expected, "{text:?}");
        }
    }
}

//! A place in a file.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::source::Source;

/// A place in a file, such as that of a step, a field or a value.
///
/// Lines and columns count from 1. A column is a character. Displays as `file:line:column`.
#[derive(Clone, PartialEq, Eq)]
pub struct Span {
    source: Arc<Source>,
    start: usize,
    end: usize,
}

impl Span {
    /// Makes a place from a range of bytes. An end outside the text, or inside a character, moves to the nearest valid
    /// position before it.
    pub fn new(source: &Arc<Source>, range: Range<usize>) -> Self {
        let floor = |mut at: usize| {
            at = at.min(source.text().len());
            while !source.text().is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = floor(range.start);
        Self {
            source: Arc::clone(source),
            start,
            end: floor(range.end).max(start),
        }
    }

    /// Returns the file.
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// Returns the path of the file as it is shown.
    pub fn file(&self) -> &str {
        self.source.path()
    }

    /// Returns the range of bytes in the file's text.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Returns the text at this place.
    pub fn text(&self) -> &str {
        &self.source.text()[self.start..self.end]
    }

    fn line_start(&self) -> usize {
        self.source.text()[..self.start]
            .rfind('\n')
            .map_or(0, |at| at + 1)
    }

    /// Returns the line, from 1.
    pub fn line(&self) -> usize {
        self.source.text()[..self.start].matches('\n').count() + 1
    }

    /// Returns the column in characters, from 1.
    pub fn column(&self) -> usize {
        self.source.text()[self.line_start()..self.start]
            .chars()
            .count()
            + 1
    }

    /// Returns the first line of the place, without its end.
    pub fn source_line(&self) -> &str {
        self.source.text()[self.line_start()..]
            .lines()
            .next()
            .unwrap_or("")
    }

    /// Returns the place of the first such character. Returns the whole place if the character is written as an escape.
    pub(crate) fn first(&self, character: char) -> Self {
        match self.text().find(character) {
            Some(at) => {
                let start = self.start + at;
                Self::new(&self.source, start..start + character.len_utf8())
            }
            None => self.clone(),
        }
    }

    /// Returns the place of `range` in `value`, which is written here. Returns the whole place if the value is not
    /// written literally (escapes, several lines).
    pub(crate) fn part(&self, value: &str, range: Range<usize>) -> Self {
        let written = self.text();
        let quote = usize::from(written.starts_with(['"', '\'']));
        if !written[quote..].starts_with(value) {
            return self.clone();
        }
        let start = self.start + quote;
        Self::new(&self.source, start + range.start..start + range.end)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file(), self.line(), self.column())
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_says_line_column_and_line() {
        let source = Source::new("scenarios/boot.yaml", "a: 1\nb: äö x\n");
        let at = source.text().find('x').expect("an x");
        let span = Span::new(&source, at..at + 1);
        assert_eq!(span.to_string(), "scenarios/boot.yaml:2:7");
        assert_eq!(span.source_line(), "b: äö x");
        assert_eq!(span.text(), "x");
        assert_eq!(source.stem(), "boot");
    }

    #[test]
    fn a_span_outside_the_text_is_moved_to_its_end() {
        let source = Source::new("a.yaml", "ä");
        assert_eq!(Span::new(&source, 1..9).range(), 0..2);
        assert_eq!(Span::new(&source, 7..9).to_string(), "a.yaml:1:2");
        assert_eq!(Span::new(&Source::new("e", ""), 0..1).source_line(), "");
    }
}

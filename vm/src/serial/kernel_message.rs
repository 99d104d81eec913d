//! Removes kernel messages from the text of other writers.
//!
//! A kernel writes to the console at any time, even into the line of a prompt. Its messages begin with a time stamp and
//! end with their line. Without the message, the interrupted line continues behind it, as its writer intended.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::text::Text;

/// The start of a message: its level if the console shows it, its time, and its source. At the end of the text also a
/// part of it.
static BEGIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let whole = r"(?:<\d{1,3}>)?\[ {0,5}\d{1,9}\.\d{6}\](?:\[ *[CT]\d+\])?(?: |$|\n)";
    let part = r"(?:<\d{0,3}>?|(?:<\d{1,3}>)?\[ {0,5}(?:\d{1,9}(?:\.\d{0,6}\]?)?)?)\z";
    Regex::new(&format!("{whole}|{part}")).ok()
});

/// A text without kernel messages.
#[derive(Debug)]
pub(super) struct WithoutKernel {
    pub(super) text: Text,
    /// The places in it of the messages that interrupted a line.
    pub(super) cuts: Vec<usize>,
    /// The places at which its parts begin, in it and in the whole text.
    parts: Vec<(usize, usize)>,
}

impl WithoutKernel {
    /// Removes the kernel messages. Returns none if there are none.
    pub(super) fn of(text: &Text) -> Option<Self> {
        let shown = text.as_str();
        let begin = BEGIN.as_ref()?;
        let mut without = Self {
            text: Text::default(),
            cuts: Vec::new(),
            parts: Vec::new(),
        };
        let mut from = 0;
        while let Some(found) = begin.find_at(shown, from) {
            let end = text.line_end(found.start());
            without.take(text, from..found.start());
            if text.line_start(found.start()) < found.start() {
                without.cuts.push(without.text.len());
            }
            from = (end + 1).min(shown.len());
        }
        if from == 0 {
            return None;
        }
        without.take(text, from..shown.len());
        Some(without)
    }

    fn take(&mut self, text: &Text, part: Range<usize>) {
        self.parts.push((self.text.len(), part.start));
        self.text.push_part(text, part);
    }

    /// Returns the places of a part of it in the whole text.
    pub(super) fn in_whole(&self, part: &Range<usize>) -> Vec<Range<usize>> {
        let ends = self.parts.iter().skip(1).map(|(begin, _)| *begin);
        let ends = ends.chain([self.text.len()]);
        let parts = self.parts.iter().zip(ends);
        let shared = parts.filter_map(|(&(begin, whole), end)| {
            let (from, to) = (part.start.max(begin), part.end.min(end));
            (from < to).then(|| whole + from - begin..whole + to - begin)
        });
        shared.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(shown: &str) -> Text {
        let mut text = Text::default();
        for (at, character) in shown.char_indices() {
            text.push(character, at as u64, false);
        }
        text
    }

    #[test]
    fn a_line_goes_on_behind_what_the_kernel_said_in_it() {
        let rows = [
            ("login: [   12.345678] usb 1-1: new\n", "login: ", 1),
            (
                "lo[   12.345678] a\n[   12.345679][   T7] b\ngin: ",
                "login: ",
                1,
            ),
            ("<6>[12345.000001] a\nx\n", "x\n", 0),
            ("login: [   12.345678] usb 1-", "login: ", 1),
            ("login: [   12.3", "login: ", 1),
            ("login: <", "login: ", 1),
        ];
        for (shown, expected, cuts) in rows {
            let without = WithoutKernel::of(&text(shown)).unwrap();
            assert_eq!(
                (without.text.as_str(), without.cuts.len()),
                (expected, cuts),
                "{shown:?}"
            );
        }
        for others in [
            "took [1.5] s\n",
            "[  OK  ] Started\n",
            "array[12.345678]x\n",
            "",
        ] {
            assert!(WithoutKernel::of(&text(others)).is_none(), "{others:?}");
        }
    }

    #[test]
    fn places_are_known_in_the_whole_text() {
        let without = WithoutKernel::of(&text("ab[   12.345678] x\ncd")).unwrap();
        assert_eq!(without.in_whole(&(1..3)), [1..2, 19..20]);
    }
}

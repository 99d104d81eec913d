//! Text with the time at which each byte was written.

use std::collections::VecDeque;
use std::ops::Range;

/// Text with the position of each byte.
///
/// Positions count the bytes that were ever written, and only grow. If a guest only appends, they equal the places in
/// the text. Rewritten text has a higher position than the text right of it. Memory is used only where positions and
/// places differ.
#[derive(Debug, Clone, Default)]
pub(super) struct Text {
    shown: String,
    runs: VecDeque<Run>,
}

/// Bytes that were written one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    at: usize,
    position: u64,
    rewritten: bool,
}

impl Text {
    pub(super) fn as_str(&self) -> &str {
        &self.shown
    }

    pub(super) fn len(&self) -> usize {
        self.shown.len()
    }

    /// Appends a character.
    pub(super) fn push(&mut self, character: char, position: u64, rewritten: bool) {
        let at = self.shown.len();
        let goes_on = self.runs.back().is_some_and(|run| {
            run.rewritten == rewritten && run.position + (at - run.at) as u64 == position
        });
        if !goes_on {
            self.runs.push_back(Run {
                at,
                position,
                rewritten,
            });
        }
        self.shown.push(character);
    }

    /// Appends a part of another text.
    pub(super) fn push_part(&mut self, other: &Self, part: Range<usize>) {
        // A run without bytes would have no newest position.
        if part.is_empty() {
            return;
        }
        for (run, end) in other.runs_in(part.clone()) {
            let from = run.at.max(part.start);
            let position = run.position + (from - run.at) as u64;
            let at = self.shown.len();
            let goes_on = self.runs.back().is_some_and(|last| {
                last.rewritten == run.rewritten && last.position + (at - last.at) as u64 == position
            });
            if !goes_on {
                self.runs.push_back(Run {
                    at,
                    position,
                    rewritten: run.rewritten,
                });
            }
            self.shown.push_str(&other.shown[from..end.min(part.end)]);
        }
    }

    /// Removes the text behind a place.
    pub(super) fn truncate(&mut self, length: usize) {
        self.shown.truncate(length);
        while self.runs.back().is_some_and(|run| run.at >= length) {
            self.runs.pop_back();
        }
    }

    /// Removes the text before a place.
    pub(super) fn drop_before(&mut self, place: usize) {
        self.shown.drain(..place);
        let first = self.run_index(place);
        self.runs.drain(..first);
        for run in &mut self.runs {
            if run.at < place {
                run.position += (place - run.at) as u64;
                run.at = 0;
            } else {
                run.at -= place;
            }
        }
    }

    fn run_index(&self, place: usize) -> usize {
        self.runs
            .partition_point(|run| run.at <= place)
            .saturating_sub(1)
    }

    /// Returns the runs that overlap a part, each with its end.
    fn runs_in(&self, part: Range<usize>) -> impl Iterator<Item = (Run, usize)> + '_ {
        let first = self.run_index(part.start);
        let ends = (self.runs.iter().skip(first + 1).map(|run| run.at)).chain([self.shown.len()]);
        let runs = self.runs.iter().skip(first).copied().zip(ends);
        runs.take_while(move |(run, _)| run.at < part.end)
            .filter(move |(_, end)| *end > part.start)
    }

    /// Returns the position of the byte at a place. None at the end.
    pub(super) fn position(&self, place: usize) -> Option<u64> {
        if place >= self.shown.len() {
            return None;
        }
        let run = self.runs.get(self.run_index(place))?;
        Some(run.position + (place - run.at) as u64)
    }

    /// Returns the newest position in a part.
    pub(super) fn newest(&self, part: Range<usize>) -> Option<u64> {
        let last =
            |(run, end): (Run, usize)| run.position + (end.min(part.end) - 1 - run.at) as u64;
        self.runs_in(part.clone()).map(last).max()
    }

    /// Returns the first place with text that is not older than a position.
    pub(super) fn first_since(&self, from: u64) -> Option<usize> {
        let ends = (self.runs.iter().skip(1).map(|run| run.at)).chain([self.shown.len()]);
        self.runs.iter().zip(ends).find_map(|(run, end)| {
            let place = run.at + usize::try_from(from.saturating_sub(run.position)).ok()?;
            let place = (place..end).find(|&place| self.shown.is_char_boundary(place))?;
            Some(place)
        })
    }

    /// Returns the parts, in order, that are not older than a position, from a place on.
    pub(super) fn parts_since(&self, from: u64, place: usize) -> Vec<Range<usize>> {
        let mut parts: Vec<Range<usize>> = Vec::new();
        for (run, end) in self.runs_in(place..self.shown.len()) {
            let skipped = usize::try_from(from.saturating_sub(run.position)).unwrap_or(usize::MAX);
            let begin = run.at.saturating_add(skipped).max(place);
            let begin = (begin..end).find(|&at| self.shown.is_char_boundary(at));
            let Some(begin) = begin else { continue };
            match parts.last_mut() {
                Some(last) if last.end == begin => last.end = end,
                _ => parts.push(begin..end),
            }
        }
        parts
    }

    /// Returns the parts that were rewritten at a position or later, from a place on.
    pub(super) fn rewritten_since(&self, from: u64, place: usize) -> Vec<Range<usize>> {
        let runs = self.runs_in(place..self.shown.len());
        let rewritten =
            runs.filter(|(run, end)| run.rewritten && run.position + (end - run.at) as u64 > from);
        rewritten
            .filter_map(|(run, end)| {
                let skipped = usize::try_from(from.saturating_sub(run.position)).unwrap_or(0);
                let begin = (run.at + skipped).max(place);
                // A position may be inside of a character.
                let begin = (begin..end).find(|&at| self.shown.is_char_boundary(at))?;
                Some(begin..end)
            })
            .collect()
    }

    /// Returns the start of the line of a place.
    pub(super) fn line_start(&self, place: usize) -> usize {
        self.shown[..place].rfind('\n').map_or(0, |at| at + 1)
    }

    /// Returns the end of the line of a place.
    pub(super) fn line_end(&self, place: usize) -> usize {
        self.shown[place..]
            .find('\n')
            .map_or(self.shown.len(), |at| place + at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(parts: &[(&str, u64, bool)]) -> Text {
        let mut text = Text::default();
        for (part, position, rewritten) in parts {
            let mut position = *position;
            for character in part.chars() {
                text.push(character, position, *rewritten);
                position += character.len_utf8() as u64;
            }
        }
        text
    }

    #[test]
    fn what_is_appended_is_one_run() {
        let text = text(&[("one\n", 0, false), ("twö\n", 4, false)]);
        assert_eq!(text.runs.len(), 1);
        assert_eq!((text.position(5), text.position(99)), (Some(5), None));
        assert_eq!(text.first_since(7), Some(8), "never inside a character");
        assert_eq!(text.parts_since(4, 0), std::slice::from_ref(&(4..9)));
    }

    #[test]
    fn what_was_rewritten_begins_with_a_whole_character() {
        let text = text(&[("x ", 0, false), ("␌␍", 2, true)]);
        assert_eq!(text.rewritten_since(3, 0), std::slice::from_ref(&(5..8)));
        assert!(text.rewritten_since(7, 0).is_empty());
    }

    #[test]
    fn what_was_rewritten_is_newer_than_what_stands_behind_it() {
        let text = text(&[("copied ", 0, false), ("10", 11, true), ("0%", 9, false)]);
        assert_eq!(text.first_since(9), Some(7));
        assert_eq!(text.parts_since(11, 0), std::slice::from_ref(&(7..9)));
        assert_eq!(text.rewritten_since(0, 0), std::slice::from_ref(&(7..9)));
        assert!(text.rewritten_since(13, 0).is_empty());
        assert_eq!(text.newest(0..11), Some(12));
    }

    #[test]
    fn the_beginning_can_go_and_positions_stay() {
        let mut text = text(&[("abc", 0, false), ("def", 20, true)]);
        text.drop_before(2);
        assert_eq!((text.position(0), text.position(1)), (Some(2), Some(20)));
        text.drop_before(2);
        assert_eq!((text.as_str(), text.position(0)), ("ef", Some(21)));
        text.truncate(0);
        assert_eq!((text.len(), text.runs.len()), (0, 0));
    }

    #[test]
    fn a_part_is_taken_over_with_its_positions() {
        let from = text(&[("abc", 5, false), ("def", 20, true)]);
        let mut to = Text::default();
        to.push_part(&from, 1..5);
        assert_eq!(to.as_str(), "bcde");
        assert_eq!((to.position(0), to.position(3)), (Some(6), Some(21)));
    }

    #[test]
    fn a_part_without_bytes_leaves_no_trace() {
        let from = text(&[("abc", 5, false), ("def", 20, true)]);
        let mut to = Text::default();
        to.push_part(&from, 1..1);
        to.push_part(&from, 0..2);
        to.push_part(&from, 4..4);
        assert_eq!((to.as_str(), to.runs.len()), ("ab", 1));
        assert_eq!(to.newest(0..2), Some(6));
    }
}

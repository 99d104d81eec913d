//! Finds that a system has switched its board off, by the last words of its kernel.
//!
//! The words are only a sign, as those of a restart are: `cat` prints them as well. The board is off if
//!
//! - no command is running, and no prompt comes after them; or
//! - a command is running, the time of the words goes on from that of the kernel, and nothing at all comes after them.
//!
//! That nothing comes takes time, so the caller asks a moment after the words: [`RestartWatch::take_power_off`].

use std::sync::LazyLock;

use regex::Regex;

use super::{
    boot::LastWords,
    line_kind::{LineKind, Place},
    lines::Line,
    restart_watch::RestartWatch,
    sign_set::without_noise,
};

/// The last words of a kernel that has switched the power off, or that stands still because it cannot.
const WORDS: [&str; 3] = ["reboot: Power down", "reboot: System halted", "Power down."];

/// The time of a kernel's message, at the end of what is before its text.
static TIME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\[ {0,5}(\d{1,9})\.(\d{6})\](?:\[ *[CT]\d+\])? ?$").ok());

/// The fewest characters that are text and not the noise of a line that goes dead.
const TEXT: usize = 2;

/// Returns the words with which a line says that the board is off, and the kernel's time if it has one.
fn words_in(line: &str) -> Option<(&'static str, Option<u64>)> {
    let line = line.trim_end();
    let words = WORDS.into_iter().find(|words| line.ends_with(words))?;
    let before = line.strip_suffix(words)?;
    if without_noise(before).trim().is_empty() {
        return Some((words, None));
    }
    let parts = TIME.as_ref()?.captures(before)?;
    let number = |index| parts.get(index)?.as_str().parse::<u64>().ok();
    Some((words, Some(number(1)? * 1_000_000 + number(2)?)))
}

impl RestartWatch {
    /// Returns how often the board has said that it is off. More than before: ask in a moment if it is true.
    pub(crate) fn power_offs(&self) -> u64 {
        self.power_offs
    }

    /// Returns the words of a board that has said that it is off, if they were its last ones. Call it when the line was
    /// silent for a moment. The answer is given once. `is_line_whole`: no text can be missing since the words.
    pub(crate) fn take_power_off(&mut self, is_line_whole: bool) -> Option<&'static str> {
        let last = self.last_words.take()?;
        let waiting = self.lines.waiting();
        let text = waiting.as_ref().map_or("", |line| line.text.as_str());
        let is_silent = without_noise(text).trim().chars().count() < TEXT;
        let has_prompt = is_prompt(&LineKind::of(text));
        let is_off = !has_prompt && (!last.is_in_command || (is_line_whole && is_silent));
        is_off.then_some(last.words)
    }

    /// Notes a line after last words: perhaps they were not the last ones.
    pub(super) fn goes_on_after_words(&mut self, kind: &LineKind<'_>) {
        let is_over = |last: &LastWords| last.is_in_command || is_prompt(kind);
        if self.last_words.as_ref().is_some_and(is_over) {
            self.last_words = None;
        }
    }

    /// Returns the last words that a line says.
    pub(super) fn last_words_in(&self, line: &Line) -> Option<LastWords> {
        let (words, time) = words_in(&line.text)?;
        // An old message that a command prints is from an earlier time.
        let is_now = time.is_none_or(|time| self.goes_on(time));
        is_now.then_some(LastWords {
            words,
            is_in_command: self.is_in_command,
        })
    }

    /// Notes last words.
    pub(super) fn say_last_words(&mut self, words: LastWords) {
        self.last_words = Some(words);
        self.power_offs += 1;
    }
}

/// Returns true for a line of a system that waits for input.
fn is_prompt(kind: &LineKind<'_>) -> bool {
    match kind {
        LineKind::Prompt(_) | LineKind::LoaderPrompt(_) | LineKind::Login => true,
        LineKind::Message { place, .. } => match place {
            Place::Prompt | Place::Login => true,
            Place::Begin => false,
        },
        LineKind::Farewell | LineKind::Other => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_at_the_end_of_a_line_behind_a_time_or_alone() {
        let rows = [
            (
                "[   12.345678] reboot: Power down",
                Some(("reboot: Power down", Some(12_345_678))),
            ),
            (
                "Stopping x...<6>[   12.345678][    T1] reboot: System halted",
                Some(("reboot: System halted", Some(12_345_678))),
            ),
            ("reboot: Power down", Some(("reboot: Power down", None))),
            ("\u{fffd}\u{fffd} Power down.", Some(("Power down.", None))),
            ("Nov 30 10:00:00 board kernel: reboot: Power down", None),
            ("echo reboot: Power down", None),
            ("[   12.345678] reboot: Power down now", None),
            ("Power down", None),
        ];
        for (line, expected) in rows {
            assert_eq!(words_in(line), expected, "{line}");
        }
    }
}

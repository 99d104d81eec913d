//! Searches for a pattern on a console.
//!
//! ```text
//! shown text ----------------------> match? --+
//!      |                                      |  the first that holds no echo,
//!      +-- without the kernel's words -> match? --+--> and begins in new text or has rewritten text in it
//!                                             |
//! what stood in lines before ------> match? --+
//! ```

use std::ops::Range;
use std::time::Duration;

use regex::Regex;
use tokio::time::Instant;

use super::console::{Reading, Serial};
use super::echo::Echo;
use super::kernel_message::WithoutKernel;
use super::pattern::{Open, Pattern};
use super::text::Text;
use super::transcript::Transcript;

/// The time without new text after which a match counts, if more text could make it disappear: a prompt, for instance.
/// Three times what the slowest usual line takes for a character, and some more for a busy host.
const MOMENT: Duration = Duration::from_millis(200);

/// The time without new text after which a value counts, if more text could make it longer. A guest that writes a
/// number in two parts was seen to take half a second. A wrong value is worse than a late one.
const LONG_MOMENT: Duration = Duration::from_secs(2);

/// The number of bytes before new text in which an echo is searched that may reach into it.
const BEFORE: usize = 8192;

/// The times of silence that searches wait for.
pub(super) const MOMENTS: [Duration; 2] = [MOMENT, LONG_MOMENT];

/// A match of a pattern on a console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialMatch {
    /// The position behind its last byte, where the next search begins.
    pub end: u64,
    /// The text of the match.
    pub text: String,
    /// The text of the pattern's first group, or of the whole match if it has no group.
    pub value: String,
    /// The whole line (or lines) with the match, without line end and without secrets.
    pub line: String,
    /// The way in which it was found.
    pub how: How,
    /// The time at which its last byte arrived.
    pub came: Instant,
    open: Open,
    // The position of its first byte.
    start: u64,
    // Its place in the text that was searched.
    place: Range<usize>,
}

impl SerialMatch {
    /// Returns true if more text could have changed it. Then it counts because none has come.
    #[must_use]
    pub fn could_change(&self) -> bool {
        self.open != Open::NOT
    }
}

/// The way in which a match was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// In the text that the console shows.
    Shown,
    /// In a line with a kernel message inside, after the message was removed.
    WithoutKernel,
    /// In the former text of a line, before it was rewritten.
    Before,
}

/// The result of a search so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looked {
    /// There is no match.
    Nothing,
    /// There is a match, and more text could change it. It counts when nothing follows for a moment, or at the
    /// deadline.
    Unsettled(SerialMatch),
    /// There is a match.
    Found(SerialMatch),
}

/// Searches again and again for a pattern in the text of a console from a position on.
///
/// The echo of sent text never counts. `^` and `$` match at lines.
#[derive(Debug)]
pub struct SerialSearch {
    pattern: Pattern,
    from: u64,
    saves: bool,
    /// Before this position there is no match any more.
    done: u64,
    candidate: Option<Candidate>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate {
    end: u64,
    text: String,
    since: Duration,
}

impl SerialSearch {
    /// Returns a search for a match of `pattern` that begins at `from` or later, or has text that was rewritten since.
    #[must_use]
    pub fn new(pattern: &Regex, from: u64) -> Self {
        Self {
            pattern: Pattern::new(pattern),
            from,
            saves: false,
            done: 0,
            candidate: None,
        }
    }

    /// Requires that the match's value is complete, because it is used.
    #[must_use]
    pub fn for_value(mut self) -> Self {
        self.saves = true;
        self
    }

    /// Continues from another position.
    pub fn set_from(&mut self, from: u64) {
        self.from = from;
    }

    /// Starts at the beginning of another console.
    pub fn begin_again(&mut self) {
        (self.from, self.done, self.candidate) = (0, 0, None);
    }

    /// Returns the first match in the text until now. Never waits. Must be called again when [`Serial::watch`] changes,
    /// which it also does when nothing has come for a moment.
    pub fn look(&mut self, console: &Serial) -> Looked {
        console.reading(|reading| self.look_at(reading))
    }

    fn look_at(&mut self, reading: &Reading) -> Looked {
        let from = self.from.max(self.done);
        let Some(found) = find(reading, &self.pattern, from, self.saves) else {
            if !self.pattern.crosses_lines {
                self.done = done(&reading.transcript, from);
            }
            self.candidate = None;
            return Looked::Nothing;
        };
        let quiet = match (found.open, self.saves) {
            (
                Open {
                    may_grow: false,
                    may_vanish: false,
                },
                _,
            ) => return Looked::Found(found),
            (Open { may_grow: true, .. }, true) => LONG_MOMENT,
            _ => MOMENT,
        };
        // Until a kernel message has ended, no other writer had time to continue.
        let shown = reading.transcript.text().as_str();
        let is_cut = found.how == How::WithoutKernel && !shown.ends_with('\n');
        let candidate = self.candidate.take();
        let candidate = candidate
            .filter(|known| !is_cut && known.end == found.end && known.text == found.text)
            .unwrap_or_else(|| Candidate {
                end: found.end,
                text: found.text.clone(),
                since: reading.time,
            });
        let stood = reading.time.saturating_sub(candidate.since);
        self.candidate = Some(candidate);
        if reading.idle >= quiet || stood >= quiet || reading.has_ended {
            Looked::Found(found)
        } else {
            Looked::Unsettled(found)
        }
    }
}

/// The place before which a failed search need not begin again: all lines before it are complete.
fn done(transcript: &Transcript, from: u64) -> u64 {
    let text = transcript.text();
    let window = window(text, from);
    let line_begin = |text: &Text| {
        let begin = text.line_start(text.len());
        text.position(begin).unwrap_or_else(|| transcript.end())
    };
    // A line that a kernel message interrupts continues.
    let without = WithoutKernel::of(&window).map(|without| without.text);
    let last = without
        .as_ref()
        .map_or_else(|| line_begin(&window), line_begin);
    transcript
        .settled()
        .min(line_begin(text))
        .min(last)
        .max(from)
}

/// Returns the text from the first line with something new, with the text before it in which an echo may begin.
fn window(text: &Text, from: u64) -> Text {
    let first = text.first_since(from).unwrap_or(text.len());
    let before = first.saturating_sub(BEFORE);
    let begin = (before..=first).find(|&at| text.as_str().is_char_boundary(at));
    let begin = text.line_start(begin.unwrap_or(first));
    let mut window = Text::default();
    window.push_part(text, begin..text.len());
    window
}

/// Returns the first match. A value is taken from the present text of a line if that still matches, and not from a
/// former one.
fn find(reading: &Reading, pattern: &Pattern, from: u64, saves: bool) -> Option<SerialMatch> {
    let transcript = &reading.transcript;
    let shown = window(transcript.text(), from);
    let mut found = None;
    for before in transcript.replaced() {
        if before
            .newest(0..before.len())
            .is_none_or(|newest| newest < from)
        {
            continue;
        }
        found = view(
            reading,
            pattern,
            before,
            &echoes(transcript, before),
            from,
            How::Before,
        );
        if found.is_some() {
            break;
        }
    }
    let now = now(reading, pattern, &shown, from);
    match (found, now) {
        (Some(before), Some(now)) if saves || now.end <= before.end => Some(now),
        (Some(before), _) => Some(before),
        (None, now) => now,
    }
}

/// Returns the first match in the present text, with or without kernel messages.
fn now(reading: &Reading, pattern: &Pattern, shown: &Text, from: u64) -> Option<SerialMatch> {
    let transcript = &reading.transcript;
    let Some(without) = WithoutKernel::of(shown) else {
        return view(
            reading,
            pattern,
            shown,
            &echoes(transcript, shown),
            from,
            How::Shown,
        );
    };
    let cut = echoes(transcript, &without.text);
    let whole: Vec<_> = cut
        .iter()
        .flat_map(|echo| {
            let parts = without.in_whole(&echo.place).into_iter();
            parts.map(|place| Echo { place, ..*echo })
        })
        .collect();
    let raw = view(reading, pattern, shown, &whole, from, How::Shown);
    let clean = view(
        reading,
        pattern,
        &without.text,
        &cut,
        from,
        How::WithoutKernel,
    );
    match (raw, clean) {
        // If both begin at the same place, a kernel message may have cut the one.
        (Some(raw), Some(clean)) if raw.start != clean.start && raw.end < clean.end => Some(raw),
        (raw, None) => raw,
        (_, Some(clean)) => {
            let is_cut =
                (without.cuts.iter()).any(|at| clean.place.contains(at) || clean.place.end == *at);
            let how = if is_cut {
                How::WithoutKernel
            } else {
                How::Shown
            };
            Some(SerialMatch { how, ..clean })
        }
    }
}

fn echoes(transcript: &Transcript, text: &Text) -> Vec<Echo> {
    let mut echoes = Vec::new();
    let newest = text.newest(0..text.len()).unwrap_or(0);
    for sent in transcript.sent().filter(|sent| sent.position() <= newest) {
        sent.find(text, &mut echoes);
    }
    echoes
}

fn view(
    reading: &Reading,
    pattern: &Pattern,
    text: &Text,
    echoes: &[Echo],
    from: u64,
    how: How,
) -> Option<SerialMatch> {
    let (at, place) = first_match(pattern.regex(), text, echoes, from)?;
    let shown = text.as_str();
    let transcript = &reading.transcript;
    let newest = text.newest(place.clone());
    let is_open_line = newest.is_some_and(|newest| newest >= transcript.settled());
    let open = match how {
        How::Before => Open::NOT,
        // The text may be about to be rewritten.
        How::Shown | How::WithoutKernel if is_open_line && transcript.is_inside_line() => {
            Open::WIDE
        }
        How::Shown | How::WithoutKernel => pattern.open(shown, place.start, place.end),
    };
    let groups = pattern.regex().captures_at(shown, at);
    let group = groups
        .as_ref()
        .and_then(|groups| groups.get(1).or_else(|| groups.get(0)));
    let matched = &shown[place.clone()];
    let line = &shown[text.line_start(place.start)..text.line_end(place.end)];
    let end = newest.map_or(from, |newest| newest + 1).max(from);
    Some(SerialMatch {
        end,
        text: matched.to_owned(),
        value: group.map_or(matched, |group| group.as_str()).to_owned(),
        line: reading.secrets.mask(line),
        how,
        came: reading.came(end),
        open,
        start: text.position(place.start).unwrap_or(end),
        place,
    })
}

/// Returns the first match without an echo that begins in new text or has rewritten text. Also returns the place where
/// the search that finds it began.
fn first_match(
    regex: &Regex,
    text: &Text,
    echoes: &[Echo],
    from: u64,
) -> Option<(usize, Range<usize>)> {
    let shown = text.as_str();
    let next = |at: usize| {
        shown[at..]
            .chars()
            .next()
            .map_or(at + 1, |c| at + c.len_utf8())
    };
    let new = text.parts_since(from, 0);
    let mut first: Option<(usize, Range<usize>)> = None;
    'parts: for part in &new {
        let mut at = part.start;
        while at < part.end {
            let Some(found) = regex.find_at(shown, at) else {
                break 'parts;
            };
            if found.start() >= part.end && part.end < shown.len() {
                break;
            }
            match echo_in(shown, echoes, &found.range()) {
                None => {
                    first = Some((at, found.range()));
                    break 'parts;
                }
                Some(echo) if found.start() >= echo.start => at = echo.end,
                Some(_) => at = next(found.start()),
            }
        }
    }
    for part in text.rewritten_since(from, 0) {
        let mut at = text.line_start(part.start);
        while at < part.start && first.as_ref().is_none_or(|(_, known)| at < known.start) {
            let Some(found) = regex.find_at(shown, at) else {
                break;
            };
            if found.start() >= part.start {
                break;
            }
            if found.end() > part.start && echo_in(shown, echoes, &found.range()).is_none() {
                first = Some((at, found.range()));
                break;
            }
            at = next(found.start());
        }
    }
    first
}

/// The number of characters, without blanks, from which a text can be recognized in an echo.
const LONG: usize = 3;

/// Returns the echo that a match comes from.
///
/// A match that only shares some characters with the echo of a long text comes from it as well: `.*DONE` matches a
/// prompt and the echo of `echo DONE`. One sent character is not enough evidence: it may be the first of the answer
/// (`r`, answered by `ready`). So the echo of a short text counts only if it is the whole match. The same holds for
/// text that the system quotes.
fn echo_in<'e>(shown: &str, echoes: &'e [Echo], found: &Range<usize>) -> Option<&'e Range<usize>> {
    let matched = &shown[found.clone()];
    let start = found.end - matched.trim_start().len();
    let end = start + matched.trim().len();
    let taken = echoes.iter().find(|echo| {
        let place = &echo.place;
        let shares = found.start < place.end && place.start < found.end;
        let sent = shown[place.clone()].chars();
        let is_long = sent.filter(|c| !c.is_whitespace()).count() >= LONG;
        shares && (is_long && !echo.is_quoted || (place.start <= start && end <= place.end))
    });
    taken.map(|echo| &echo.place)
}

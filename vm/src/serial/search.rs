//! Looking for a pattern in what a console has shown.
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

/// The time for which nothing must follow a match that more text could undo, as it could a prompt's: three times what
/// the slowest line in use takes for a character, with what a busy host adds.
const MOMENT: Duration = Duration::from_millis(200);

/// The time for which nothing must follow a value that more text could make longer. A guest that writes a number in two
/// parts has been seen to need half a second, and a wrong value is worse than a late one.
const LONG_MOMENT: Duration = Duration::from_secs(2);

/// Bytes before new text in which an echo is looked for that may reach into it.
const BEFORE: usize = 8192;

/// The moments that are waited for.
pub(super) const MOMENTS: [Duration; 2] = [MOMENT, LONG_MOMENT];

/// A place where a pattern matches what a console has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialMatch {
    /// Position after its last byte: where to go on searching.
    pub end: u64,
    /// The text that matched.
    pub text: String,
    /// The text of the pattern's first group, or of the whole match where there is none.
    pub value: String,
    /// The whole line (or lines) it is on, without line end, and without secrets.
    pub line: String,
    /// The way in which it was found.
    pub how: How,
    /// The time at which its last byte came.
    pub came: Instant,
    open: Open,
    // Position of its first byte.
    start: u64,
    // Where it is in the text that was searched.
    place: Range<usize>,
}

impl SerialMatch {
    /// Returns whether more text could have changed it: then it counts because none has come.
    #[must_use]
    pub fn could_change(&self) -> bool {
        self.open != Open::NOT
    }
}

/// The way in which a match was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// In what the console shows.
    Shown,
    /// In a line into which a kernel wrote, when its words were taken out.
    WithoutKernel,
    /// In what stood in a line before it was rewritten.
    Before,
}

/// The result of a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looked {
    /// There is no match.
    Nothing,
    /// There is one, and more text could change it: it counts when nothing follows for a moment, or when the time is
    /// over.
    Unsettled(SerialMatch),
    /// There is one.
    Found(SerialMatch),
}

/// Looks again and again for a pattern in what a console shows from a position on.
///
/// The echo of what was sent never counts. `^` and `$` mean lines.
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
    /// Looks for a match of `pattern` that begins at `from` or later, or has text in it that was rewritten since.
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

    /// The match's value matters: it must be whole.
    #[must_use]
    pub fn for_value(mut self) -> Self {
        self.saves = true;
        self
    }

    /// Looks on from another position.
    pub fn set_from(&mut self, from: u64) {
        self.from = from;
    }

    /// Looks from the beginning of another console.
    pub fn begin_again(&mut self) {
        (self.from, self.done, self.candidate) = (0, 0, None);
    }

    /// Looks for the first match in what the console has shown until now. Never waits: look again when
    /// [`Serial::watch`] tells of more, which it also does when nothing has come for a moment.
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
        // Until a kernel has ended what it says, nobody else has had the time to go on.
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

/// Up to where a search that found nothing need not begin again: all before stands in whole lines.
fn done(transcript: &Transcript, from: u64) -> u64 {
    let text = transcript.text();
    let window = window(text, from);
    let line_begin = |text: &Text| {
        let begin = text.line_start(text.len());
        text.position(begin).unwrap_or_else(|| transcript.end())
    };
    // A line that a kernel cut goes on.
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

/// The text from the line on that has something new in it, with what is before it: an echo may have begun there.
fn window(text: &Text, from: u64) -> Text {
    let first = text.first_since(from).unwrap_or(text.len());
    let before = first.saturating_sub(BEFORE);
    let begin = (before..=first).find(|&at| text.as_str().is_char_boundary(at));
    let begin = text.line_start(begin.unwrap_or(first));
    let mut window = Text::default();
    window.push_part(text, begin..text.len());
    window
}

/// The first match. A value to save is taken from what a line has become, where that still matches, and not from what
/// it was on the way.
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

/// The first match in what is shown now, with or without what a kernel says in it.
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
        // Where both begin at the same place, the kernel may have cut the one.
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
        // The text may be in the middle of being rewritten.
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

/// The first match that holds no echo and begins in new text, or has text in it that was rewritten; with where the
/// search began that finds it.
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

/// A text of so many characters, blanks not counted, is long enough to be known again in an echo.
const LONG: usize = 3;

/// The echo that a match is taken from.
///
/// A match that only shares some characters with the echo of a long text is taken from it as well: `.*DONE` takes a
/// prompt and the echo of `echo DONE`. One character that was sent says too little for that: it may be the first of the
/// answer (`r`, answered by `ready`). So the echo of a short text counts only where it is the whole match, and so does
/// what the system quotes within its own words.
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

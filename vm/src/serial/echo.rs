//! Finds the echo of sent text on the console.
//!
//! A console echoes what is typed, and an echo is no answer. A shell may break it into two lines, or repeat it behind a
//! new prompt. Other writers may interrupt it, and it may be incomplete. An echo begins at the start of a line, behind
//! the prompt that was there when the text was sent, or behind something that looks like a prompt. If Enter was sent,
//! it ends with its line.
//!
//! The system may also quote the sent text: `sh: 'echo DONE': not found`, `+ echo DONE` of a shell that traces, or a
//! list of commands. Quoted text is no answer either.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::text::Text;

/// The length of the part of a line that is looked for.
const LONGEST: usize = 4096;

/// The most lines that other writers may put into an echo.
const INTERRUPTED: usize = 3;

/// The end of a prompt.
static PROMPT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = r"\b(?:login|user(?: ?name)?|pass(?:word|phrase)?|name):";
    Regex::new(&format!(r"(?i)(?:[#$>%?\])}}~»❯➜λ]|{words})\s*$")).ok()
});

/// The shortest end of a line that counts as the echo of a shell that scrolls its line sideways. A shell does so if the
/// line is wider than the terminal.
const SIDEWAYS: usize = 8;

/// A place where the console shows sent text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Echo {
    pub(super) place: Range<usize>,
    /// True if it is inside of a sentence of the system. Then only the echo itself is ignored, and not the text around
    /// it.
    pub(super) is_quoted: bool,
}

impl Echo {
    fn at(place: Range<usize>) -> Self {
        Self {
            place,
            is_quoted: false,
        }
    }
}

/// A text that was sent.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    position: u64,
    prompt: String,
    lines: Vec<Line>,
}

/// The printable text that was sent in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    text: String,
    /// True if Enter followed.
    is_entered: bool,
}

/// A place at which the echo may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begin {
    /// The place of the cursor when it was sent, or behind something that looks like a prompt.
    Prompt,
    /// The beginning of a line.
    Line,
}

impl Sent {
    /// Notes bytes that are sent when the console is at `position`, with its cursor behind `prompt`. Returns none if
    /// the bytes have no text.
    pub(super) fn new(bytes: &[u8], position: u64, prompt: String) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let mut lines = Vec::new();
        for part in text.split_inclusive(char::is_control) {
            let is_entered = part.ends_with(['\n', '\r']);
            let printed = part.chars().filter(|c| !c.is_control());
            let text: String = printed.take(LONGEST).collect();
            let text = if is_entered { text.trim_end() } else { &text };
            if !text.trim().is_empty() {
                lines.push(Line {
                    text: text.to_owned(),
                    is_entered,
                });
            }
        }
        let sent = Self {
            position,
            prompt,
            lines,
        };
        (!sent.lines.is_empty()).then_some(sent)
    }

    /// Returns the position from which its echo may come.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Adds the places where a text shows the sent text.
    pub(super) fn find(&self, text: &Text, echoes: &mut Vec<Echo>) {
        for line in &self.lines {
            self.find_line(line, text, echoes);
        }
    }

    fn find_line(&self, line: &Line, text: &Text, echoes: &mut Vec<Echo>) {
        let Some(first) = line.text.chars().next() else {
            return;
        };
        let shown = text.as_str();
        let mut begun = Vec::new();
        let mut has_come = false;
        let mut start = 0;
        while start < shown.len() {
            let end = text.line_end(start);
            let mut free = start;
            let is_since = |position: u64| position >= self.position;
            if line.is_sideways(&shown[start..end]) && text.position(start).is_some_and(is_since) {
                echoes.push(Echo::at(start..end));
                has_come = true;
                free = end;
            }
            for (offset, _) in shown[start..end].match_indices(first) {
                let at = start + offset;
                let is_new = text.position(at).is_some_and(is_since);
                if at < free || !is_new {
                    continue;
                }
                let Some(begin) = self.begin(line, text, start, at) else {
                    if line.is_quoted(&shown[start..end], offset) {
                        free = at + line.text.len();
                        echoes.push(Echo {
                            place: at..free,
                            is_quoted: true,
                        });
                    }
                    continue;
                };
                match line.follow(shown, at) {
                    Followed::Whole(end) => {
                        echoes.push(Echo::at(at..end));
                        free = end;
                        has_come = true;
                    }
                    Followed::SoFar if begin == Begin::Prompt || !has_come => {
                        echoes.push(Echo::at(at..shown.len()));
                    }
                    Followed::SoFar => {}
                    Followed::Begun(length) if begin == Begin::Prompt => {
                        if let Some(parts) = line.interrupted(text, at, length) {
                            echoes.extend(parts.map(Echo::at));
                            has_come = true;
                        } else {
                            begun.push(at..at + length);
                        }
                    }
                    Followed::Begun(_) => {}
                }
            }
            start = end + 1;
        }
        // A shell that redraws its line has left the incomplete echo.
        if has_come {
            echoes.extend(begun.into_iter().map(Echo::at));
        }
    }

    /// Returns true if an echo of a line may begin at a place, in a line of the console that begins at `start`.
    fn begin(&self, line: &Line, text: &Text, start: usize, at: usize) -> Option<Begin> {
        let before = &text.as_str()[start..at];
        let is_old = |position: u64| position < self.position;
        let was_cursor = !before.is_empty() && text.position(at - 1).is_some_and(is_old);
        let prompt = self.prompt.trim_end();
        if was_cursor || (!prompt.is_empty() && before.trim_end() == prompt) {
            return Some(Begin::Prompt);
        }
        if before.is_empty() {
            return (line.is_entered || self.prompt.is_empty()).then_some(Begin::Line);
        }
        let is_prompt = PROMPT
            .as_ref()
            .is_some_and(|prompt| prompt.is_match(before));
        (line.is_entered && is_prompt).then_some(Begin::Prompt)
    }
}

/// The answer to how far a text follows the sent text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Followed {
    /// To its end, which is here.
    Whole(usize),
    /// Up to the end of the text.
    SoFar,
    /// For this many bytes, and then it differs.
    Begun(usize),
}

impl Line {
    fn follow(&self, shown: &str, from: usize) -> Followed {
        let mut at = from;
        for character in self.text.chars() {
            let mut rest = &shown[at..];
            // A shell that breaks its line continues in the next one.
            if at > from
                && let Some(next) = rest.strip_prefix('\n')
                && next.starts_with(character)
            {
                at += 1;
                rest = next;
            }
            match rest.chars().next() {
                Some(next) if next == character => at += next.len_utf8(),
                Some(_) => return Followed::Begun(at - from),
                None => return Followed::SoFar,
            }
        }
        let rest = &shown[at..];
        let rest = rest.split_once('\n').map_or(rest, |(rest, _)| rest);
        let ends = rest.trim().is_empty() || rest.starts_with("  ") || rest.starts_with('^');
        // No answer begins with all of several words.
        if ends || !self.is_entered || self.text.trim().contains(' ') {
            Followed::Whole(at)
        } else {
            Followed::Begun(at - from)
        }
    }

    /// Returns true if a line of the console quotes this one at `at`. A single word counts as quoted only with visible
    /// signs of it: otherwise it may be a name that the system uses by itself.
    fn is_quoted(&self, shown: &str, at: usize) -> bool {
        let (before, rest) = shown.split_at(at);
        let Some(behind) = rest.strip_prefix(self.text.as_str()) else {
            return false;
        };
        let quotes = ['\'', '"', '`', '‘', '’', '“', '”'];
        let is_in_quotes = before.ends_with(quotes) && behind.starts_with(quotes);
        // The form in which shells name a command that they did not find.
        let is_between_colons = before.ends_with(": ") && behind.starts_with(':');
        self.is_entered && (self.text.trim().contains(' ') || is_in_quotes || is_between_colons)
    }

    /// Returns true if a line of the console is the end of this one, or a part of it, behind the mark of a shell that
    /// scrolls its line sideways.
    fn is_sideways(&self, shown: &str) -> bool {
        let Some(part) = shown.strip_prefix('<') else {
            return false;
        };
        let part = part.trim_end();
        let part = part.strip_suffix('>').unwrap_or(part);
        self.is_entered && part.chars().count() >= SIDEWAYS && self.text.contains(part)
    }

    /// Returns the parts of an echo that other writers have interrupted: after at most `length` bytes it differs, and
    /// one of the next lines begins with the rest.
    fn interrupted(&self, text: &Text, at: usize, length: usize) -> Option<[Range<usize>; 2]> {
        let shown = text.as_str();
        let mut next = at;
        for _ in 0..INTERRUPTED {
            next = text.line_end(next) + 1;
            let line = shown.get(next..)?;
            let line = line.split_once('\n').map_or(line, |(line, _)| line);
            let is_open = next + line.len() == shown.len();
            let splits = self.text.char_indices().map(|(split, _)| split);
            for split in splits
                .take_while(|&split| split <= length)
                .filter(|&split| split > 0)
            {
                let rest = self.text[split..].trim_end();
                let is_rest = line.trim_end() == rest && !rest.is_empty();
                if is_rest || (is_open && !line.is_empty() && rest.starts_with(line)) {
                    return Some([at..at + split, next..next + line.len()]);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Builds a console from the text before something was sent and the text after. Returns the text without echoes.
    fn answer(before: &str, sent: &str, after: &str) -> String {
        let mut text = Text::default();
        for (at, character) in format!("{before}{after}").char_indices() {
            text.push(character, at as u64, false);
        }
        let prompt = before.rsplit('\n').next().unwrap_or_default();
        let sent = Sent::new(sent.as_bytes(), before.len() as u64, prompt.to_owned()).unwrap();
        let mut echoes = Vec::new();
        sent.find(&text, &mut echoes);
        let mut answer = String::new();
        for (at, character) in text.as_str().char_indices().skip(before.chars().count()) {
            if !echoes.iter().any(|echo| echo.place.contains(&at)) {
                answer.push(character);
            }
        }
        answer
    }

    #[test]
    fn echoes_are_found_and_answers_are_left() {
        let rows = [
            // The plain echo, complete and incomplete.
            ("# ", "echo DONE\n", "echo DONE\nDONE\n# ", "\nDONE\n# "),
            ("# ", "echo DONE\n", "echo DO", ""),
            ("", "echo DONE\n", "echo DO", ""),
            // Typed ahead: echoed by the kernel, then by the shell.
            (
                "# ",
                "echo DONE\n",
                "echo DONE\necho DONE\nsh: not found\n# ",
                "\n\nsh: not found\n# ",
            ),
            (
                "booting\n",
                "echo DONE\n",
                "echo DONE\nbash# echo DONE\nDONE\n",
                "\nbash# \nDONE\n",
            ),
            (
                "",
                "root\n",
                "root\nhost login: root\nPassword: ",
                "\nhost login: \nPassword: ",
            ),
            // Broken or redrawn by the shell, interrupted by other writers.
            ("# ", "echo DONE\n", "echo D\nONE\nx\n", "\nx\n"),
            (
                "# ",
                "echo DONE\n",
                "echo DO\n# echo DONE\nx\n",
                "\n# \nx\n",
            ),
            (
                "# ",
                "echo DONE\n",
                "echo [  OK  ] Started x.\nDONE\nx\n",
                "[  OK  ] Started x.\n\nx\n",
            ),
            (
                "# ",
                "echo DONE\n",
                "echo [  OK  ] Started x.\nDO",
                "[  OK  ] Started x.\n",
            ),
            // Quoted by the system, or scrolled sideways by the shell.
            (
                "# ",
                "echo DONE\n",
                "echo DONE\nsh: 'echo DONE': not found\n# ",
                "\nsh: '': not found\n# ",
            ),
            (
                "# ",
                "echo DONE\n",
                "echo DONE\n+ echo DONE\nDONE\n",
                "\n+ \nDONE\n",
            ),
            (
                "# ",
                "history 1; echo DONE\n",
                "history 1; echo DONE\n    1  history 1; echo DONE\n",
                "\n    1  \n",
            ),
            (
                "# ",
                "DONE\n",
                "DONE\nsh: 1: DONE: not found\n# ",
                "\nsh: 1: : not found\n# ",
            ),
            (
                "# ",
                "echo and a long text DONE\n",
                "echo and a l>\n<long text DONE\nx\n",
                ">\n\nx\n",
            ),
            ("> ", "go", "go!\n", "!\n"),
            ("# ", "one\ntwo\n", "one\ntwo\n1\n2\n", "\n\n1\n2\n"),
            // Answers.
            (
                "host login: ",
                "root\n",
                "root\nroot@host:~# ",
                "\nroot@host:~# ",
            ),
            (
                "Password: ",
                "root\n",
                "\nWelcome root\n",
                "\nWelcome root\n",
            ),
            ("# ", "echo DONE\n", "not DONE\n", "not DONE\n"),
            (
                "# ",
                "cat version\n",
                "cat version\nversion 12\n",
                "\nversion 12\n",
            ),
        ];
        for (before, sent, after, expected) in rows {
            assert_eq!(answer(before, sent, after), expected, "{before}|{after}");
        }
        assert!(Sent::new(b"\n", 0, String::new()).is_none());
    }
}

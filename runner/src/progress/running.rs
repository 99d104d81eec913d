//! An attempt that runs, and the step that it is at.

use std::time::{Duration, Instant};

use super::status_line::StatusLine;
use super::usual::Slow;

/// An attempt that runs.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) which: Which,
    /// Its name, in plain text.
    pub(super) name: String,
    pub(super) began: Instant,
    /// The steps that have not ended, outermost first.
    pub(super) steps: Vec<Current>,
    /// True if another attempt ran at the same time: then its lines need its name.
    pub(super) beside: bool,
}

/// An attempt at a scenario; several may run at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Which {
    pub(super) scenario: String,
    pub(super) attempt: Option<u32>,
}

/// A step that has not ended.
#[derive(Debug)]
pub(super) struct Current {
    pub(super) id: String,
    /// Its place, as `--from` takes it: `3`. In a step of an earlier scenario, that is named: `gnome-login 3`.
    pub(super) place: String,
    pub(super) text: String,
    pub(super) since: Instant,
    pub(super) deadline: Option<Duration>,
    /// The longest of its usual times, in milliseconds.
    pub(super) usual_ms: Option<u64>,
    pub(super) best: Option<(String, f64, f64)>,
    /// True if lines of its inner steps were shown. Then its own end gets no line.
    pub(super) is_group: bool,
    /// True if it waits for a person.
    pub(super) is_pause: bool,
    /// True if it keeps a screen of a look, which is shown.
    pub(super) is_look: bool,
    /// The words for that person: how to see the screen, and how to go on.
    pub(super) for_person: Option<String>,
}

impl Running {
    /// Returns the lines at the bottom of the terminal: step, time against the deadline, nearest needle.
    pub(super) fn status(&self, now: Instant, width: usize) -> Vec<String> {
        let mut lines = self.line(now).lines(width);
        if let Some(text) = self.steps.last().and_then(|step| step.for_person.as_ref())
            && self.beside
        {
            lines.extend(broken(text, width));
        }
        lines
    }

    fn line(&self, now: Instant) -> StatusLine {
        let name = match self.beside {
            true => self.name.clone(),
            false => String::new(),
        };
        let Some(step) = self.steps.last() else {
            return StatusLine {
                mark: "…",
                name,
                text: clock(now.saturating_duration_since(self.began)),
                ..StatusLine::default()
            };
        };
        let elapsed = now.saturating_duration_since(step.since);
        let (needle, score) = match &step.best {
            Some((needle, similarity, required)) => {
                (needle.clone(), format!("{similarity:.2} of {required:.2}"))
            }
            None => Default::default(),
        };
        StatusLine {
            mark: "▸",
            name,
            place: step.place.clone(),
            text: step.text.clone(),
            time: match step.deadline {
                Some(deadline) => format!("{} of {}", clock(elapsed), clock(deadline)),
                None => clock(elapsed),
            },
            slow: step.slow(elapsed).map_or_else(String::new, Slow::text),
            needle,
            score,
        }
    }
}

impl Current {
    /// Says why the step is slow after this time; none if it is not slow.
    pub(super) fn slow(&self, taken: Duration) -> Option<Slow> {
        match self.is_pause {
            true => None,
            false => Slow::of(taken, self.usual_ms, self.deadline),
        }
    }
}

/// Breaks a text into lines that leave the last column free. Nothing of it is cut, except a word that is longer than a
/// line.
fn broken(text: &str, width: usize) -> Vec<String> {
    const INDENT: &str = "    ";
    let room = width.saturating_sub(1);
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if let Some(last) = lines.last_mut()
            && reports::console::columns(last) + 1 + reports::console::columns(word) <= room
        {
            last.push(' ');
            last.push_str(word);
        } else {
            lines.push(reports::console::cut(&format!("{INDENT}{word}"), room));
        }
    }
    lines
}

/// Returns minutes and seconds: `1:05`.
fn clock(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_a_person_are_broken_and_not_cut() {
        let text = "paused; the machine runs, and `vncviewer 127.0.0.1:5900` shows its screen; Enter goes on";
        let lines = broken(text, 40);
        assert_eq!(
            lines,
            [
                "    paused; the machine runs, and",
                "    `vncviewer 127.0.0.1:5900` shows",
                "    its screen; Enter goes on"
            ]
        );
    }
}

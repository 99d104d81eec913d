//! Makes the text on the terminal while a run goes on. It prints nothing itself, so that tests can read the text.

mod attempts;
mod remarks;
mod steps;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use reports::console::{Lines, cut, plain_line};
use reports::{Entry, Event, Notice, NoticeKind, Verdict};

use super::overall::Overall;
use super::running::{Current, Running, Which};
use super::size::Size;
use super::usual::Usual;
use crate::feed::News;
use steps::Begun;

/// The rows of the terminal that stay free above the lines of running attempts.
const ROWS_ABOVE: usize = 4;

/// The attempts that run, and the step that each is at.
#[derive(Debug)]
pub(super) struct Screen {
    colour: bool,
    /// Knows the names of attempts.
    lines: Lines,
    /// The folder of the run, as people name it.
    folder: String,
    /// In the order in which they began.
    running: Vec<Running>,
    /// The progress of the whole run.
    overall: Overall,
    /// The usual times of earlier runs; empty until they are read.
    usual: Usual,
    /// The number of attempts that did not hold, by reason.
    reasons: HashMap<String, usize>,
    /// The picture that the next lines end with.
    picture: Option<String>,
}

/// Lines to print, and a picture to show below them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// Whole lines with their line ends.
    pub(super) text: String,
    /// A PNG file, relative to the folder of the run.
    pub(super) picture: Option<String>,
}

/// The subject of an entry, for people.
#[derive(Debug)]
struct About {
    which: Which,
    /// The name of the attempt, in plain text.
    name: String,
    /// The machine, where the scenario has several.
    machine: Option<String>,
}

impl About {
    fn of(entry: &Entry, lines: &Lines) -> Self {
        Self {
            which: Which {
                scenario: entry.scenario().unwrap_or_default().to_owned(),
                attempt: entry.envelope.attempt,
            },
            name: plain_line(&lines.name(entry).unwrap_or_default()),
            machine: entry.envelope.machine.clone(),
        }
    }
}

impl Screen {
    /// Makes the screen of a run whose folder people know by this name.
    pub(super) fn new(colour: bool, folder: String) -> Self {
        Self {
            colour,
            lines: Lines::new(),
            folder,
            running: Vec::new(),
            overall: Overall::default(),
            usual: Usual::default(),
            reasons: HashMap::new(),
            picture: None,
        }
    }

    /// Takes news. Returns finished lines, to print above the lines of running attempts.
    pub(super) fn update(&mut self, news: News, now: Instant) -> Told {
        let text = match news {
            News::Notice(notice) => {
                self.notice(notice);
                None
            }
            News::Entry(entry) => self.entry(&entry, now),
        };
        Told {
            text: text.map_or_else(String::new, |line| format!("{line}\n")),
            picture: self.picture.take(),
        }
    }

    fn notice(&mut self, notice: Notice) {
        let which = Which {
            scenario: notice.scenario.unwrap_or_default(),
            attempt: notice.attempt,
        };
        match notice.kind {
            NoticeKind::Nearest {
                needle,
                similarity,
                required,
            } => {
                if let Some(step) = self.step(&which) {
                    step.best = Some((plain_line(&needle), similarity, required));
                }
            }
        }
    }

    fn entry(&mut self, entry: &Entry, now: Instant) -> Option<String> {
        let about = About::of(entry, &self.lines);
        match &entry.event {
            Event::RunStarted {
                scenarios, rules, ..
            } => {
                self.lines.begin(&entry.event);
                self.overall.begin(scenarios, *rules);
                None
            }
            Event::ScenarioStarted { from, reason } => {
                Some(self.attempt_begins(about, from, *reason, now))
            }
            Event::StageStarted { stage, .. } => self.stage_begins(&about, stage),
            Event::StepStarted {
                stage,
                step,
                verb,
                text,
                deadline_ms,
                ..
            } => {
                let begun = Begun {
                    stage,
                    step,
                    verb,
                    text,
                    deadline: deadline_ms.map(Duration::from_millis),
                };
                self.step_begins(&about, &begun, now);
                None
            }
            Event::StepFinished {
                step,
                outcome,
                duration_ms,
                evidence,
                ..
            } => {
                if self.step(&about.which).is_some_and(|step| step.is_look) {
                    self.picture = evidence.frame.as_ref().map(|frame| frame.file.clone());
                }
                self.step_ends(&about, step, *outcome, *duration_ms)
            }
            Event::ScenarioFinished {
                verdict,
                duration_ms,
                ..
            } => Some(self.attempt_ends(&about, &entry.event, *verdict, *duration_ms)),
            Event::SoftFailure { .. }
            | Event::Note { .. }
            | Event::CheckpointSaved { .. }
            | Event::CheckpointUnusable { .. }
            | Event::CheckpointBlamed { .. }
            | Event::EvidenceLost { .. }
            | Event::NotWatched { .. }
            | Event::OldClock { .. } => self.remark(&about, &entry.event),
            Event::MachineStarted { .. }
            | Event::Machine { .. }
            | Event::Input { .. }
            | Event::Shot { .. }
            | Event::FilmThinned { .. }
            | Event::Compared { .. }
            | Event::Serial { .. }
            | Event::RunFinished { .. } => None,
        }
    }

    fn find(&mut self, which: &Which) -> Option<&mut Running> {
        self.running
            .iter_mut()
            .find(|running| running.which == *which)
    }

    /// Returns the innermost running step of an attempt.
    fn step(&mut self, which: &Which) -> Option<&mut Current> {
        self.find(which)?.steps.last_mut()
    }

    /// Returns a line of an attempt: indented below its heading, or with its name if other lines came between.
    fn indented(&self, about: &About, line: &str) -> String {
        let About { which, name, .. } = about;
        let running = self.running.iter().find(|running| running.which == *which);
        match running {
            Some(running) if !running.beside => format!("  {line}"),
            _ if name.is_empty() => format!("  {line}"),
            _ => {
                let name = self.paint(Style::new().dimmed(), name);
                format!("  {name}  {line}")
            }
        }
    }

    /// Takes in what earlier runs tell.
    pub(super) fn learn(&mut self, usual: Usual) {
        self.usual = usual;
    }

    /// Returns the lines at the bottom: for each running attempt its step, time and deadline, best score, and then how
    /// far the whole run is. If the terminal has too few rows, a line counts the attempts that are not shown.
    pub(super) fn status(&self, now: Instant, size: Size) -> Vec<String> {
        let overall = self.overall.line(now, &self.usual, size.columns);
        let room = size.rows.saturating_sub(ROWS_ABOVE).max(1);
        let room = match overall {
            Some(_) if room > 1 => room - 1,
            Some(_) | None => room,
        };
        let all: Vec<Vec<String>> = self
            .running
            .iter()
            .map(|running| running.status(now, size.columns))
            .collect();
        let rows: usize = all.iter().map(Vec::len).sum();
        let for_attempts = match rows <= room {
            true => room,
            false => room.saturating_sub(1).max(1),
        };
        let mut used = 0;
        let fits = all.iter().take_while(|lines| {
            used += lines.len();
            used <= for_attempts
        });
        let shown = fits.count();
        let mut lines: Vec<String> = all[..shown].concat();
        let left_out = all.len() - shown;
        if left_out > 0 && lines.len() < room {
            let more = format!("  … and {left_out} more");
            lines.push(cut(&more, size.columns.saturating_sub(1)));
        }
        if lines.len() < size.rows.saturating_sub(1) {
            lines.extend(overall);
        }
        lines
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.colour {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// Returns the colour of a verdict on a terminal.
pub(crate) fn verdict_style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Passed => AnsiColor::Green.on_default().bold(),
        Verdict::SoftFailed | Verdict::Flaky => AnsiColor::Yellow.on_default().bold(),
        Verdict::Failed => AnsiColor::Red.on_default().bold(),
        Verdict::Error => AnsiColor::Magenta.on_default().bold(),
        Verdict::Skipped | Verdict::Cancelled => Style::new().dimmed(),
    }
}

//! Makes the text on the terminal while a run goes on. It prints nothing itself, so that tests can read the text.

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use reports::console::{Lines, on_machine, plain_line};
use reports::{
    AttemptReason, Entry, Event, Notice, NoticeKind, StartedFrom, StepOutcome, Verdict,
    human_duration,
};

use super::draw::{Size, fit};
use super::running::{Current, Running, Which};
use crate::feed::News;

/// The rows of the terminal that stay free above the lines of running attempts.
const ROWS_ABOVE: usize = 4;

/// The attempts that run, and the step that each is at.
#[derive(Debug)]
pub(super) struct Screen {
    colour: bool,
    /// Knows the names of attempts.
    lines: Lines,
    /// In the order in which they began.
    running: Vec<Running>,
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
    pub(super) fn new(colour: bool) -> Self {
        Self {
            colour,
            lines: Lines::new(),
            running: Vec::new(),
        }
    }

    /// Takes news. Returns finished lines, to print above the lines of running attempts.
    pub(super) fn update(&mut self, news: News, now: Instant) -> String {
        match news {
            News::Notice(notice) => {
                self.notice(notice);
                String::new()
            }
            News::Entry(entry) => match self.entry(&entry, now) {
                Some(line) => format!("{line}\n"),
                None => String::new(),
            },
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
            Event::RunStarted { .. } => {
                self.lines.begin(&entry.event);
                None
            }
            Event::ScenarioStarted { from, reason } => {
                Some(self.attempt_begins(about, from, *reason, now))
            }
            Event::StageStarted { stage, .. } => self.stage_begins(&about, stage),
            Event::StepStarted {
                step,
                text,
                deadline_ms,
                ..
            } => {
                let deadline = deadline_ms.map(Duration::from_millis);
                self.step_begins(&about, step, text, deadline, now);
                None
            }
            Event::StepFinished {
                step,
                outcome,
                duration_ms,
                ..
            } => self.step_ends(&about, step, *outcome, *duration_ms),
            Event::ScenarioFinished {
                verdict,
                duration_ms,
                ..
            } => Some(self.attempt_ends(&about, *verdict, *duration_ms)),
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

    fn attempt_begins(
        &mut self,
        about: About,
        from: &StartedFrom,
        reason: Option<AttemptReason>,
        now: Instant,
    ) -> String {
        let attempt = match about.which.attempt.unwrap_or(1) {
            // The name has the number already.
            _ if about.name != plain_line(&about.which.scenario) => String::new(),
            0 | 1 => String::new(),
            later => format!(" (attempt {later})"),
        };
        let why = match reason {
            Some(reason) => format!("{}; trying ", reason.text()),
            None => String::new(),
        };
        let from = plain_line(&format!("{why}{}{attempt}", from.text()));
        self.begin(about.which, &about.name, now);
        let name = self.paint(Style::new().bold(), &about.name);
        let from = self.paint(Style::new().dimmed(), &from);
        format!("{name}  {from}")
    }

    fn attempt_ends(&mut self, about: &About, verdict: Verdict, duration_ms: u64) -> String {
        self.running.retain(|running| running.which != about.which);
        let word = plain_line(&self.lines.came_to(&about.which.scenario, verdict));
        let word = self.paint(verdict_style(verdict), &word);
        let time = human_duration(duration_ms);
        format!("{}: {word} in {time}", about.name)
    }

    fn stage_begins(&mut self, about: &About, stage: &str) -> Option<String> {
        if !self.lines.is_before(stage, &about.which.scenario) {
            return None;
        }
        let first = plain_line(&format!("first {stage}:"));
        let first = self.paint(Style::new().dimmed(), &first);
        Some(self.indented(about, &first))
    }

    fn step_begins(
        &mut self,
        about: &About,
        step: &str,
        text: &str,
        deadline: Option<Duration>,
        now: Instant,
    ) {
        let Some(running) = self.find(&about.which) else {
            return;
        };
        if let Some(group) = running.steps.last_mut() {
            group.is_group = true;
        }
        running.steps.push(Current {
            id: step.to_owned(),
            text: plain_line(&on_machine(about.machine.as_deref(), text)),
            since: now,
            deadline,
            best: None,
            is_group: false,
        });
    }

    fn step_ends(
        &mut self,
        about: &About,
        step: &str,
        outcome: StepOutcome,
        duration_ms: u64,
    ) -> Option<String> {
        let steps = &mut self.find(&about.which)?.steps;
        let at = steps.iter().rposition(|open| open.id == step)?;
        let ended = steps.drain(at..).next()?;
        if ended.is_group {
            return None;
        }
        let line = self.finished_step(&ended.text, outcome, duration_ms);
        Some(self.indented(about, &line))
    }

    /// Returns the line of an event that belongs to no step.
    fn remark(&self, about: &About, event: &Event) -> Option<String> {
        let warning = AnsiColor::Yellow.on_default();
        let plain = |text: &str| plain_line(&on_machine(about.machine.as_deref(), text));
        let line = match event {
            Event::SoftFailure { reason, ticket } => {
                let ticket = match ticket {
                    Some(ticket) => format!(" ({ticket})"),
                    None => String::new(),
                };
                let head = self.paint(warning, "soft failure:");
                format!("{head} {}", plain(&format!("{reason}{ticket}")))
            }
            Event::Note { text } => format!("note: {}", plain(text)),
            Event::CheckpointSaved { .. } => {
                self.paint(Style::new().dimmed(), &plain(&event.remark_text()?))
            }
            // It is about earlier attempts, whose lines may be far above, so it names the scenario.
            Event::CheckpointBlamed { .. } => {
                let text = self.paint(warning.bold(), &plain(&event.remark_text()?));
                return Some(format!("{}: {text}", about.name));
            }
            _ => self.paint(warning, &plain(&event.remark_text()?)),
        };
        Some(self.indented(about, &line))
    }

    fn begin(&mut self, which: Which, name: &str, now: Instant) {
        self.running.retain(|running| running.which != which);
        self.running.push(Running {
            which,
            name: name.to_owned(),
            began: now,
            steps: Vec::new(),
            beside: false,
        });
        if self.running.len() > 1 {
            for running in &mut self.running {
                running.beside = true;
            }
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

    fn finished_step(&self, text: &str, outcome: StepOutcome, duration_ms: u64) -> String {
        let (mark, style) = match outcome {
            StepOutcome::Passed => ("✓", AnsiColor::Green.on_default()),
            StepOutcome::Failed => ("✗", AnsiColor::Red.on_default().bold()),
            StepOutcome::Forgiven => ("~", AnsiColor::Yellow.on_default()),
            StepOutcome::Skipped => ("-", Style::new().dimmed()),
            StepOutcome::Error => ("!", AnsiColor::Magenta.on_default().bold()),
            StepOutcome::Cancelled => ("■", Style::new().dimmed()),
        };
        let time = self.paint(Style::new().dimmed(), &human_duration(duration_ms));
        format!("{} {text}  {time}", self.paint(style, mark))
    }

    /// Returns the lines at the bottom, one for each running attempt: step, time and deadline, best score. If the
    /// terminal has too few rows, the last line counts the others.
    pub(super) fn status(&self, now: Instant, size: Size) -> Vec<String> {
        let room = size.rows.saturating_sub(ROWS_ABOVE).max(1);
        let shown = match self.running.len() {
            all if all <= room => all,
            _ => room.saturating_sub(1).max(1),
        };
        let mut lines: Vec<String> = self.running[..shown]
            .iter()
            .map(|running| fit(&running.status(now), size.columns))
            .collect();
        let left_out = self.running.len() - shown;
        if left_out > 0 && shown < room {
            lines.push(fit(&format!("  … and {left_out} more"), size.columns));
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

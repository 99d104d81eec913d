//! What is on the terminal while a run goes on: pure, so that tests can read it.

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use reports::console::{Lines, plain_line};
use reports::{Entry, Event, Notice, NoticeKind, StepOutcome, Verdict, human_duration};

use crate::feed::News;

/// Rows of the terminal that the lines of running machines leave to what is above them.
const ROWS_ABOVE: usize = 4;

/// The size of a terminal in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) columns: usize,
    pub(super) rows: usize,
}

/// The attempts at scenarios that run, and how they stand.
#[derive(Debug)]
pub(super) struct Screen {
    colour: bool,
    /// Knows what attempts are called.
    lines: Lines,
    /// In the order in which they began.
    running: Vec<Running>,
}

#[derive(Debug)]
struct Running {
    which: Which,
    /// What it is called, in plain text.
    name: String,
    began: Instant,
    /// The steps that have not ended, outermost first.
    steps: Vec<Current>,
    /// Whether it ever ran beside another: then its lines stand between those of others and need its name.
    beside: bool,
}

/// An attempt at a scenario; several may run at once.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Which {
    scenario: String,
    attempt: Option<u32>,
}

#[derive(Debug)]
struct Current {
    id: String,
    text: String,
    since: Instant,
    deadline: Option<Duration>,
    best: Option<(String, f64, f64)>,
    /// Whether steps of its own were told: then its end is no news.
    is_group: bool,
}

impl Screen {
    pub(super) fn new(colour: bool) -> Self {
        Self {
            colour,
            lines: Lines::new(),
            running: Vec::new(),
        }
    }

    /// Takes news in; returns finished lines to print above the lines of what runs.
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
        let event = &entry.event;
        let name = plain_line(&self.lines.name(entry).unwrap_or_default());
        let scenario = entry.scenario().unwrap_or_default();
        let which = Which {
            scenario: scenario.to_owned(),
            attempt: entry.envelope.attempt,
        };
        match event {
            Event::RunStarted { .. } => {
                self.lines.begin(event);
                None
            }
            Event::ScenarioStarted { from, reason } => {
                let attempt = match entry.envelope.attempt.unwrap_or(1) {
                    // The name has it.
                    _ if name != plain_line(scenario) => String::new(),
                    0 | 1 => String::new(),
                    later => format!(" (attempt {later})"),
                };
                let why = match reason {
                    Some(reason) => format!("{}; trying ", reason.text()),
                    None => String::new(),
                };
                let from = plain_line(&format!("{why}{}{attempt}", from.text()));
                self.begin(which, &name, now);
                let name = self.paint(Style::new().bold(), &name);
                let from = self.paint(Style::new().dimmed(), &from);
                Some(format!("{name}  {from}"))
            }
            Event::StageStarted { stage, .. } if self.lines.is_before(stage, scenario) => {
                let first = plain_line(&format!("first {stage}:"));
                let first = self.paint(Style::new().dimmed(), &first);
                Some(self.indented(&which, &name, &first))
            }
            Event::StepStarted {
                step,
                text,
                deadline_ms,
                ..
            } => {
                let running = self.find(&which)?;
                if let Some(group) = running.steps.last_mut() {
                    group.is_group = true;
                }
                running.steps.push(Current {
                    id: step.clone(),
                    text: plain_line(text),
                    since: now,
                    deadline: deadline_ms.map(Duration::from_millis),
                    best: None,
                    is_group: false,
                });
                None
            }
            Event::StepFinished {
                step,
                outcome,
                duration_ms,
                ..
            } => {
                let steps = &mut self.find(&which)?.steps;
                let at = steps.iter().rposition(|open| open.id == *step)?;
                let ended = steps.drain(at..).next()?;
                if ended.is_group {
                    return None;
                }
                let line = self.finished_step(&ended.text, *outcome, *duration_ms);
                Some(self.indented(&which, &name, &line))
            }
            Event::SoftFailure { reason, ticket, .. } => {
                let ticket = match ticket {
                    Some(ticket) => format!(" ({ticket})"),
                    None => String::new(),
                };
                let head = self.paint(AnsiColor::Yellow.on_default(), "soft failure:");
                let text = plain_line(&format!("{reason}{ticket}"));
                Some(self.indented(&which, &name, &format!("{head} {text}")))
            }
            Event::Note { text, .. } => {
                Some(self.indented(&which, &name, &format!("note: {}", plain_line(text))))
            }
            Event::CheckpointSaved { .. } => {
                let text = plain_line(&event.checkpoint_text()?);
                let text = self.paint(Style::new().dimmed(), &text);
                Some(self.indented(&which, &name, &text))
            }
            Event::CheckpointUnusable { .. } => {
                let text = plain_line(&event.checkpoint_text()?);
                let text = self.paint(AnsiColor::Yellow.on_default(), &text);
                Some(self.indented(&which, &name, &text))
            }
            // It is about the attempts before, which may have scrolled away: a line of its own.
            Event::CheckpointBlamed { .. } => {
                let text = plain_line(&event.checkpoint_text()?);
                let text = self.paint(AnsiColor::Yellow.on_default().bold(), &text);
                Some(format!("{name}: {text}"))
            }
            Event::EvidenceLost { what, reason, .. } => {
                let text = format!("{what} is lost: {reason}");
                let text = self.paint(AnsiColor::Yellow.on_default(), &plain_line(&text));
                Some(self.indented(&which, &name, &text))
            }
            Event::NotWatched {
                stage,
                watch,
                reason,
                ..
            } => {
                let text = format!("watch `{watch}` of {stage} has not looked: {reason}");
                let text = self.paint(AnsiColor::Yellow.on_default(), &plain_line(&text));
                Some(self.indented(&which, &name, &text))
            }
            Event::OldClock { .. } => {
                let text = plain_line(&event.clock_text()?);
                let text = self.paint(AnsiColor::Yellow.on_default(), &text);
                Some(self.indented(&which, &name, &text))
            }
            Event::ScenarioFinished {
                verdict,
                duration_ms,
                ..
            } => {
                self.running.retain(|running| running.which != which);
                let word = plain_line(&self.lines.came_to(scenario, *verdict));
                let word = self.paint(verdict_style(*verdict), &word);
                let time = human_duration(*duration_ms);
                Some(format!("{name}: {word} in {time}"))
            }
            Event::MachineStarted { .. }
            | Event::StageStarted { .. }
            | Event::Machine { .. }
            | Event::Input { .. }
            | Event::RunFinished { .. } => None,
        }
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

    /// The innermost step that an attempt is at.
    fn step(&mut self, which: &Which) -> Option<&mut Current> {
        self.find(which)?.steps.last_mut()
    }

    /// A line of an attempt: below its heading, or with its name where other lines came between.
    fn indented(&self, which: &Which, name: &str, line: &str) -> String {
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

    /// The lines at the bottom, one for each attempt that runs: step, time against the deadline, best score. Where
    /// there are more than the terminal has room for, the last line counts the others.
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

impl Running {
    fn status(&self, now: Instant) -> String {
        let name = match self.beside {
            true => format!("{}  ", self.name),
            false => String::new(),
        };
        let Some(step) = self.steps.last() else {
            let since = now.saturating_duration_since(self.began);
            return format!("  … {name}{}", clock(since));
        };
        let elapsed = now.saturating_duration_since(step.since);
        let time = match step.deadline {
            Some(deadline) => format!("{} of {}", clock(elapsed), clock(deadline)),
            None => clock(elapsed),
        };
        let best = match &step.best {
            Some((needle, similarity, required)) => {
                format!("   best {needle} {similarity:.2} of {required:.2}")
            }
            None => String::new(),
        };
        format!("  ▸ {name}{}   {time}{best}", step.text)
    }
}

/// Returns what to write so that `text` stands above `lines`, after `drawn` lines were drawn before. The cursor rests
/// at the end of the last line.
pub(super) fn redraw(drawn: usize, text: &str, lines: &[String]) -> String {
    let up = match drawn.saturating_sub(1) {
        0 => String::new(),
        up => format!("\x1b[{up}A"),
    };
    format!("\r{up}\x1b[J{text}{}", lines.join("\n"))
}

fn verdict_style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Passed => AnsiColor::Green.on_default().bold(),
        Verdict::SoftFailed | Verdict::Flaky => AnsiColor::Yellow.on_default().bold(),
        Verdict::Failed => AnsiColor::Red.on_default().bold(),
        Verdict::Error => AnsiColor::Magenta.on_default().bold(),
        Verdict::Skipped | Verdict::Cancelled => Style::new().dimmed(),
    }
}

/// Minutes and seconds: `1:05`.
fn clock(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

/// Cuts a line so that it does not wrap: a wrapped line cannot be drawn over.
fn fit(line: &str, width: usize) -> String {
    if line.chars().count() < width {
        return line.to_owned();
    }
    let mut cut: String = line.chars().take(width.saturating_sub(2)).collect();
    cut.push('…');
    cut
}

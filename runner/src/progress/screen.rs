//! What is on the terminal while a run goes on: pure, so that tests can read it.

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use reports::console::plain_line;
use reports::{Event, StepOutcome, Verdict, human_duration};

use super::Live;

/// Rows of the terminal that the lines of running machines leave to what is above them.
const ROWS_ABOVE: usize = 4;

/// The size of a terminal in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) columns: usize,
    pub(super) rows: usize,
}

/// The scenarios that run, and how they stand.
#[derive(Debug)]
pub(super) struct Screen {
    colour: bool,
    /// In the order in which they began.
    running: Vec<Running>,
}

#[derive(Debug)]
struct Running {
    scenario: String,
    began: Instant,
    /// The steps that have not ended, outermost first.
    steps: Vec<Current>,
    /// Whether it ever ran beside another: then its lines stand between those of others and need its name.
    beside: bool,
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
            running: Vec::new(),
        }
    }

    /// Takes news in; returns finished lines to print above the lines of what runs.
    pub(super) fn update(&mut self, live: Live, now: Instant) -> String {
        match live {
            Live::Best {
                scenario,
                needle,
                similarity,
                required,
            } => {
                if let Some(step) = self.step(&scenario) {
                    step.best = Some((plain_line(&needle), similarity, required));
                }
                String::new()
            }
            Live::Record(record) => match self.record(&record.event, now) {
                Some(line) => format!("{line}\n"),
                None => String::new(),
            },
        }
    }

    fn record(&mut self, event: &Event, now: Instant) -> Option<String> {
        match event {
            Event::ScenarioStarted {
                scenario,
                attempt,
                from,
            } => {
                self.begin(scenario, now);
                let attempt = match attempt {
                    0 | 1 => String::new(),
                    later => format!(" (attempt {later})"),
                };
                let from = plain_line(&format!("{}{attempt}", from.text()));
                let name = self.paint(Style::new().bold(), &plain_line(scenario));
                let from = self.paint(Style::new().dimmed(), &from);
                Some(format!("{name}  {from}"))
            }
            Event::StageStarted {
                stage, scenario, ..
            } if stage != scenario => {
                let first = plain_line(&format!("first {stage}:"));
                let first = self.paint(Style::new().dimmed(), &first);
                Some(self.indented(scenario, &first))
            }
            Event::StepStarted {
                scenario,
                step,
                text,
                deadline_ms,
                ..
            } => {
                let running = self.find(scenario)?;
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
                scenario,
                step,
                outcome,
                duration_ms,
                ..
            } => {
                let steps = &mut self.find(scenario)?.steps;
                let at = steps.iter().rposition(|open| open.id == *step)?;
                let ended = steps.drain(at..).next()?;
                if ended.is_group {
                    return None;
                }
                let line = self.finished_step(&ended.text, *outcome, *duration_ms);
                Some(self.indented(scenario, &line))
            }
            Event::SoftFailure {
                scenario,
                reason,
                ticket,
            } => {
                let ticket = match ticket {
                    Some(ticket) => format!(" ({ticket})"),
                    None => String::new(),
                };
                let head = self.paint(AnsiColor::Yellow.on_default(), "soft failure:");
                let text = plain_line(&format!("{reason}{ticket}"));
                Some(self.indented(scenario, &format!("{head} {text}")))
            }
            Event::Note { scenario, text } => {
                Some(self.indented(scenario, &format!("note: {}", plain_line(text))))
            }
            Event::CheckpointSaved { scenario, .. } => {
                let text = plain_line(&event.checkpoint_text()?);
                let text = self.paint(Style::new().dimmed(), &text);
                Some(self.indented(scenario, &text))
            }
            Event::CheckpointUnusable { scenario, .. } => {
                let text = plain_line(&event.checkpoint_text()?);
                let text = self.paint(AnsiColor::Yellow.on_default(), &text);
                Some(self.indented(scenario, &text))
            }
            // It is about the attempts before, which may have scrolled away: a line of its own.
            Event::CheckpointDisagreed { scenario, .. } => {
                let text = plain_line(&event.checkpoint_text()?);
                let text = self.paint(AnsiColor::Yellow.on_default().bold(), &text);
                Some(format!("{}: {text}", plain_line(scenario)))
            }
            Event::ScenarioFinished {
                scenario,
                verdict,
                duration_ms,
                ..
            } => {
                self.running.retain(|running| running.scenario != *scenario);
                let word = self.paint(verdict_style(*verdict), verdict.word());
                let time = human_duration(*duration_ms);
                Some(format!("{}: {word} in {time}", plain_line(scenario)))
            }
            Event::RunStarted { .. }
            | Event::MachineStarted { .. }
            | Event::StageStarted { .. }
            | Event::Machine { .. }
            | Event::RunFinished { .. } => None,
        }
    }

    fn begin(&mut self, scenario: &str, now: Instant) {
        self.running.retain(|running| running.scenario != scenario);
        self.running.push(Running {
            scenario: scenario.to_owned(),
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

    fn find(&mut self, scenario: &str) -> Option<&mut Running> {
        self.running
            .iter_mut()
            .find(|running| running.scenario == scenario)
    }

    /// The innermost step that a scenario is at.
    fn step(&mut self, scenario: &str) -> Option<&mut Current> {
        self.find(scenario)?.steps.last_mut()
    }

    /// A line of a scenario: below its heading, or with its name where other lines came between.
    fn indented(&self, scenario: &str, line: &str) -> String {
        let running = self
            .running
            .iter()
            .find(|running| running.scenario == scenario);
        match running {
            Some(running) if !running.beside => format!("  {line}"),
            _ if scenario.is_empty() => format!("  {line}"),
            _ => {
                let name = self.paint(Style::new().dimmed(), &plain_line(scenario));
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

    /// The lines at the bottom, one for each scenario that runs: step, time against the deadline, best score. Where there
    /// are more than the terminal has room for, the last line counts the others.
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
            true => format!("{}  ", plain_line(&self.scenario)),
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

/// What to write so that `text` stands above `lines`, after `drawn` lines were drawn before. The cursor rests at the end
/// of the last line.
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

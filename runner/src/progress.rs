//! Shows a run while it goes on: finished steps as lines, the current one as a line that is drawn again.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use reports::{Event, Finding, Record, Remark, StepOutcome, Verdict};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// News for the display.
#[derive(Debug)]
pub(crate) enum Live {
    /// Something was recorded.
    Record(Box<Record>),
    /// The nearest needle of the current look so far.
    Best {
        /// Name of the needle.
        needle: String,
        /// Its worst area's similarity.
        similarity: f64,
        /// What that area requires.
        required: f64,
    },
}

/// How a run is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Display {
    /// A person watches: colour as told, and a line that moves.
    Terminal {
        /// Whether to use colour.
        colour: bool,
    },
    /// A file or a pipe: whole lines only.
    Plain,
    /// Every record as JSON on stdout.
    Json,
    /// Nothing.
    Quiet,
}

impl Display {
    /// What fits standard error.
    pub(crate) fn for_stderr(colour: bool) -> Self {
        if std::io::stderr().is_terminal() {
            Self::Terminal { colour }
        } else {
            Self::Plain
        }
    }
}

/// Starts the display. It ends when every sender is gone.
pub(crate) fn show(display: Display, news: mpsc::UnboundedReceiver<Live>) -> JoinHandle<()> {
    tokio::spawn(async move {
        match display {
            Display::Terminal { colour } => terminal(news, colour).await,
            Display::Plain => plain(news).await,
            Display::Json => json(news).await,
            Display::Quiet => quiet(news).await,
        }
    })
}

async fn quiet(mut news: mpsc::UnboundedReceiver<Live>) {
    while news.recv().await.is_some() {}
}

async fn plain(mut news: mpsc::UnboundedReceiver<Live>) {
    while let Some(live) = news.recv().await {
        if let Live::Record(record) = live
            && let Some(line) = reports::console::line(&record.event)
        {
            // Nobody reads a closed pipe; the run goes on for its results.
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }
}

async fn json(mut news: mpsc::UnboundedReceiver<Live>) {
    while let Some(live) = news.recv().await {
        if let Live::Record(record) = live
            && let Ok(line) = serde_json::to_string(&record)
        {
            let _ = writeln!(std::io::stdout(), "{line}"); // As above.
        }
    }
}

async fn terminal(mut news: mpsc::UnboundedReceiver<Live>, colour: bool) {
    let mut screen = Screen::new(colour);
    // Redrawing four times a second costs nothing measurable and keeps the clock alive.
    let mut tick = tokio::time::interval(Duration::from_millis(250));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        let text = tokio::select! {
            live = news.recv() => match live {
                Some(live) => screen.update(live, Instant::now()),
                None => break,
            },
            _ = tick.tick() => String::new(),
        };
        let width = terminal_width();
        let line = screen.status(Instant::now(), width);
        let _ = write!(std::io::stderr(), "\r\x1b[2K{text}{line}"); // A closed terminal needs no picture.
        let _ = std::io::stderr().flush();
    }
    let _ = write!(std::io::stderr(), "\r\x1b[2K");
}

fn terminal_width() -> usize {
    rustix::termios::tcgetwinsize(std::io::stderr())
        .ok()
        .map(|size| usize::from(size.ws_col))
        .filter(|width| *width >= 20)
        .unwrap_or(80)
}

/// What is on the terminal: pure, so that tests can read it.
#[derive(Debug)]
struct Screen {
    colour: bool,
    scenario: String,
    began: Option<Instant>,
    step: Option<Current>,
}

#[derive(Debug)]
struct Current {
    text: String,
    since: Instant,
    deadline: Option<Duration>,
    best: Option<(String, f64, f64)>,
}

impl Screen {
    fn new(colour: bool) -> Self {
        Self {
            colour,
            scenario: String::new(),
            began: None,
            step: None,
        }
    }

    /// Takes news in; returns finished lines to print above the status line.
    fn update(&mut self, live: Live, now: Instant) -> String {
        match live {
            Live::Best {
                needle,
                similarity,
                required,
            } => {
                if let Some(step) = &mut self.step {
                    step.best = Some((needle, similarity, required));
                }
                String::new()
            }
            Live::Record(record) => self.record(&record.event, now),
        }
    }

    fn record(&mut self, event: &Event, now: Instant) -> String {
        match event {
            Event::ScenarioStarted {
                scenario,
                attempt,
                from,
            } => {
                scenario.clone_into(&mut self.scenario);
                self.began = Some(now);
                let attempt = if *attempt > 1 {
                    format!(" (attempt {attempt})")
                } else {
                    String::new()
                };
                let name = self.paint(Style::new().bold(), scenario);
                let from = self.paint(Style::new().dimmed(), &format!("{}{attempt}", from.text()));
                format!("{name}  {from}\n")
            }
            Event::StageStarted {
                stage, scenario, ..
            } if stage != scenario => {
                format!(
                    "  {}\n",
                    self.paint(Style::new().dimmed(), &format!("first {stage}:"))
                )
            }
            Event::StepStarted {
                text, deadline_ms, ..
            } => {
                self.step = Some(Current {
                    text: text.clone(),
                    since: now,
                    deadline: deadline_ms.map(Duration::from_millis),
                    best: None,
                });
                String::new()
            }
            Event::StepFinished {
                outcome,
                duration_ms,
                ..
            } => {
                let Some(step) = self.step.take() else {
                    return String::new();
                };
                self.finished_step(&step.text, *outcome, *duration_ms)
            }
            Event::SoftFailure { reason, ticket, .. } => {
                let ticket = ticket
                    .as_deref()
                    .map_or(String::new(), |t| format!(" ({t})"));
                format!(
                    "  {} {reason}{ticket}\n",
                    self.paint(AnsiColor::Yellow.on_default(), "soft failure:")
                )
            }
            Event::Note { text, .. } => format!("  note: {text}\n"),
            Event::CheckpointSaved {
                stage,
                key,
                bytes,
                duration_ms,
                ..
            } => {
                let saved = Remark::CheckpointSaved {
                    stage: stage.clone(),
                    key: key.clone(),
                    bytes: *bytes,
                    duration_ms: *duration_ms,
                };
                format!("  {}\n", self.paint(Style::new().dimmed(), &saved.text()))
            }
            Event::CheckpointUnusable { stage, reason, .. } => {
                let unusable = Remark::CheckpointUnusable {
                    stage: stage.clone(),
                    reason: reason.clone(),
                };
                let yellow = AnsiColor::Yellow.on_default();
                format!("  {}\n", self.paint(yellow, &unusable.text()))
            }
            Event::CheckpointDisagreed { stage, key, .. } => {
                let finding = Finding::CheckpointDisagreed {
                    stage: stage.clone(),
                    key: key.clone(),
                };
                let yellow = AnsiColor::Yellow.on_default().bold();
                format!("  {}\n", self.paint(yellow, &finding.text()))
            }
            Event::ScenarioFinished {
                scenario,
                verdict,
                duration_ms,
                ..
            } => {
                self.step = None;
                self.began = None;
                let word = self.paint(verdict_style(*verdict), verdict.word());
                let time = reports::human_duration(*duration_ms);
                format!("{scenario}: {word} in {time}\n")
            }
            Event::RunStarted { .. }
            | Event::MachineStarted { .. }
            | Event::StageStarted { .. }
            | Event::Machine { .. }
            | Event::RunFinished { .. } => String::new(),
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
        let time = self.paint(Style::new().dimmed(), &reports::human_duration(duration_ms));
        format!("  {} {text}  {time}\n", self.paint(style, mark))
    }

    /// The line at the bottom: step, best score, time against the deadline.
    fn status(&self, now: Instant, width: usize) -> String {
        let Some(step) = &self.step else {
            return match self.began {
                Some(began) => fit(&format!("  … {}", clock(now - began)), width),
                None => String::new(),
            };
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
        fit(&format!("  ▸ {}   {time}{best}", step.text), width)
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.colour {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use reports::StartedFrom;

    fn record(event: Event) -> Live {
        Live::Record(Box::new(Record {
            seq: 0,
            at_ms: 0,
            event,
        }))
    }

    #[test]
    fn the_status_line_names_step_clock_deadline_and_best_score() {
        let now = Instant::now();
        let mut screen = Screen::new(false);
        screen.update(
            record(Event::ScenarioStarted {
                scenario: "gnome-login".into(),
                attempt: 1,
                from: StartedFrom::PowerOn,
            }),
            now,
        );
        screen.update(
            record(Event::StepStarted {
                scenario: "gnome-login".into(),
                stage: "gnome-login".into(),
                step: "1".into(),
                verb: "see".into(),
                text: "see gnome-greeter".into(),
                place: "scenarios/gnome-login.yaml:4:5".into(),
                deadline_ms: Some(360_000),
            }),
            now,
        );
        screen.update(
            Live::Best {
                needle: "gnome-greeter".into(),
                similarity: 0.714,
                required: 0.96,
            },
            now,
        );
        let later = now + Duration::from_secs(65);
        assert_eq!(
            screen.status(later, 100),
            "  ▸ see gnome-greeter   1:05 of 6:00   best gnome-greeter 0.71 of 0.96"
        );
        assert_eq!(screen.status(later, 30), "  ▸ see gnome-greeter   1:05…");
        let line = screen.update(
            record(Event::StepFinished {
                scenario: "gnome-login".into(),
                stage: "gnome-login".into(),
                step: "1".into(),
                outcome: StepOutcome::Passed,
                duration_ms: 65_000,
                evidence: reports::Evidence::default(),
            }),
            later,
        );
        assert_eq!(line, "  ✓ see gnome-greeter  1m 5s\n");
    }
}

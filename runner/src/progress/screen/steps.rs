//! Lines of steps.

use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use reports::console::{on_machine, plain_line};
use reports::{KeptScreen, StepOutcome, human_duration};

use super::{About, Screen};
use crate::progress::running::Current;

/// A step that begins, as the event tells it.
pub(super) struct Begun<'e> {
    pub(super) stage: &'e str,
    pub(super) step: &'e str,
    pub(super) verb: &'e str,
    pub(super) text: &'e str,
    pub(super) deadline: Option<Duration>,
}

impl Screen {
    pub(super) fn step_begins(&mut self, about: &About, begun: &Begun<'_>, now: Instant) {
        let Begun {
            stage, step, text, ..
        } = *begun;
        let scenario = &about.which.scenario;
        let usual_ms = self.usual.longest_ms(scenario, stage, step, text);
        // `--from` counts the steps of the scenario itself, so those of others are named with it.
        let place = match self.lines.is_before(stage, scenario) {
            true => plain_line(&format!("{stage} {step}")),
            false => plain_line(step),
        };
        let Some(running) = self.find(&about.which) else {
            return;
        };
        if let Some(group) = running.steps.last_mut() {
            group.is_group = true;
        }
        running.steps.push(Current {
            id: step.to_owned(),
            place,
            text: plain_line(&on_machine(about.machine.as_deref(), text)),
            since: now,
            deadline: begun.deadline,
            usual_ms,
            best: None,
            is_group: false,
            is_pause: begun.verb == "pause",
            is_look: KeptScreen::of_verb(begun.verb).is_some(),
            for_person: None,
        });
    }

    pub(super) fn step_ends(
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
        let line = self.finished_step(&ended, outcome, duration_ms);
        Some(self.indented(about, &line))
    }

    fn finished_step(&self, step: &Current, outcome: StepOutcome, duration_ms: u64) -> String {
        let (mark, style) = match outcome {
            StepOutcome::Passed => ("✓", AnsiColor::Green.on_default()),
            StepOutcome::Failed => ("✗", AnsiColor::Red.on_default().bold()),
            StepOutcome::Forgiven => ("~", AnsiColor::Yellow.on_default()),
            StepOutcome::Skipped => ("-", Style::new().dimmed()),
            StepOutcome::Error => ("!", AnsiColor::Magenta.on_default().bold()),
            StepOutcome::Cancelled => ("■", Style::new().dimmed()),
        };
        let time = self.paint(Style::new().dimmed(), &human_duration(duration_ms));
        // The cause tells about a step that did not hold.
        let slow = match outcome {
            StepOutcome::Passed => step.slow(Duration::from_millis(duration_ms)),
            StepOutcome::Failed
            | StepOutcome::Forgiven
            | StepOutcome::Skipped
            | StepOutcome::Error
            | StepOutcome::Cancelled => None,
        };
        let slow = slow.map_or_else(String::new, |slow| {
            let text = self.paint(AnsiColor::Yellow.on_default(), &slow.text());
            format!("  {text}")
        });
        let mark = self.paint(style, mark);
        format!("{mark} {} {}  {time}{slow}", step.place, step.text)
    }
}

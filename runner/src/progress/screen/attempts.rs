//! Lines of attempts: where each begins, and how it ended.

use std::time::{Duration, Instant};

use anstyle::Style;
use reports::console::{BadEnd, plain_line};
use reports::{AttemptReason, Event, StartedFrom, Verdict, human_duration};

use super::{About, Screen, verdict_style};
use crate::progress::running::{Running, Which};

/// Of many attempts that did not hold for one reason, so many have a picture. The others look the same.
const PICTURES_OF_A_REASON: usize = 3;

impl Screen {
    pub(super) fn attempt_begins(
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
        self.overall
            .attempt_begins(&about.which.scenario, about.which.attempt, now);
        self.begin(about.which, &about.name, now);
        let name = self.paint(Style::new().bold(), &about.name);
        let from = self.paint(Style::new().dimmed(), &from);
        format!("{name}  {from}")
    }

    /// Returns the lines of the end. If the attempt did not hold, they say why, where, and where its picture is.
    pub(super) fn attempt_ends(
        &mut self,
        about: &About,
        event: &Event,
        verdict: Verdict,
        duration_ms: u64,
    ) -> String {
        let Which { scenario, attempt } = &about.which;
        let took = Duration::from_millis(duration_ms);
        self.running.retain(|running| running.which != about.which);
        self.overall.attempt_ends(scenario, *attempt, verdict, took);
        let word = plain_line(&self.lines.came_to(scenario, verdict));
        let word = self.paint(verdict_style(verdict), &word);
        let head = format!("{}: {word} in {}", about.name, human_duration(duration_ms));
        let Some(end) = BadEnd::of(event) else {
            return match skipped_because(event) {
                Some(why) => format!("{head}: {why}"),
                None => head,
            };
        };
        let mut lines = vec![match end.why.is_empty() {
            true => head,
            false => format!("{head}: {}", end.why),
        }];
        lines.extend(end.at.as_ref().map(|at| format!("  at  {at}")));
        let picture = end.picture_below(&self.folder);
        lines.extend(picture.map(|path| format!("  picture  {path}")));
        let seen = self.reasons.entry(end.why).or_default();
        *seen += 1;
        if *seen <= PICTURES_OF_A_REASON {
            self.picture = end.picture;
        }
        lines.join("\n")
    }

    pub(super) fn stage_begins(&mut self, about: &About, stage: &str) -> Option<String> {
        if !self.lines.is_before(stage, &about.which.scenario) {
            return None;
        }
        let first = plain_line(&format!("first {stage}:"));
        let first = self.paint(Style::new().dimmed(), &first);
        Some(self.indented(about, &first))
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
}

/// Returns why a scenario was skipped, on one line.
fn skipped_because(event: &Event) -> Option<String> {
    let Event::ScenarioFinished {
        verdict: Verdict::Skipped,
        cause: Some(cause),
        ..
    } = event
    else {
        return None;
    };
    Some(plain_line(cause.first_line()))
}

//! A screen whose events and clock a test makes.

use std::sync::Arc;

use reports::{
    Cause, CauseKind, Envelope, Evidence, FrameRef, Rules, ScenarioInfo, StartedFrom, StepOutcome,
};

use super::super::*;

pub(super) const WIDE: Size = Size {
    columns: 100,
    ..Size::STANDARD
};

pub(super) const NARROW: Size = Size {
    columns: 40,
    ..WIDE
};

/// A screen and its clock.
pub(super) struct Watched {
    pub(super) screen: Screen,
    pub(super) now: Instant,
    /// The attempt that events are about.
    pub(super) attempt: Option<u32>,
    /// The picture of the last lines.
    pub(super) picture: Option<String>,
}

impl Watched {
    pub(super) fn new() -> Self {
        Self {
            screen: Screen::new(false, "qa-results/1".to_owned()),
            now: Instant::now(),
            attempt: None,
            picture: None,
        }
    }

    /// Sets the attempt of the events that follow.
    pub(super) fn of(&mut self, attempt: u32) -> &mut Self {
        self.attempt = Some(attempt);
        self
    }

    pub(super) fn best(&mut self, scenario: &str, needle: &str, similarity: f64) {
        let best = Notice {
            scenario: Some(scenario.into()),
            attempt: self.attempt,
            machine: None,
            kind: NoticeKind::Nearest {
                needle: needle.into(),
                similarity,
                required: 0.96,
            },
        };
        self.screen.update(News::Notice(best), self.now);
    }

    pub(super) fn run_begins(&mut self, rules: Rules) {
        self.run_of(&[], rules);
    }

    pub(super) fn run_of(&mut self, scenarios: &[&str], rules: Rules) {
        let scenarios = scenarios.iter().map(|name| info(name)).collect();
        self.takes(
            "",
            Event::RunStarted {
                format: reports::FORMAT,
                version: String::new(),
                run: String::new(),
                started: String::new(),
                command: Vec::new(),
                hosts: Vec::new(),
                matrix: None,
                scenarios,
                rules,
            },
        );
    }

    pub(super) fn takes(&mut self, scenario: &str, event: Event) -> String {
        let entry = Entry {
            envelope: Envelope {
                scenario: Some(scenario.to_owned()),
                attempt: self.attempt,
                ..Envelope::default()
            },
            event,
        };
        let told = self.screen.update(News::Entry(Arc::new(entry)), self.now);
        self.picture = told.picture;
        told.text
    }

    pub(super) fn begins(&mut self, scenario: &str) -> String {
        self.takes(
            scenario,
            Event::ScenarioStarted {
                from: StartedFrom::PowerOn,
                reason: None,
            },
        )
    }

    pub(super) fn ends(&mut self, scenario: &str) -> String {
        self.takes(
            scenario,
            Event::ScenarioFinished {
                verdict: Verdict::Passed,
                cause: None,
                duration_ms: 65_000,
                last_frame: None,
                files: Vec::new(),
            },
        )
    }

    /// Ends an attempt that did not hold, with a picture.
    pub(super) fn fails(&mut self, scenario: &str, verdict: Verdict, message: &str) -> String {
        let cause = Cause {
            kind: CauseKind::Deadline,
            message: message.into(),
            hints: Vec::new(),
            step: Some(format!("{scenario} step 2.1")),
            place: Some(format!("scenarios/{scenario}.yaml:9:5")),
        };
        let last_frame = FrameRef {
            file: format!("{scenario}/frames/7.png"),
            generation: 7,
            width: 1024,
            height: 768,
        };
        self.takes(
            scenario,
            Event::ScenarioFinished {
                verdict,
                cause: Some(cause),
                duration_ms: 65_000,
                last_frame: Some(last_frame),
                files: Vec::new(),
            },
        )
    }

    pub(super) fn step_begins(&mut self, scenario: &str, step: &str, text: &str) {
        self.step_of(scenario, scenario, step, text);
    }

    /// Begins a step that is written in another scenario, or in this one.
    pub(super) fn step_of(&mut self, scenario: &str, stage: &str, step: &str, text: &str) {
        let told = self.takes(
            scenario,
            Event::StepStarted {
                stage: stage.into(),
                step: step.into(),
                verb: text.split(' ').next().unwrap_or_default().into(),
                text: text.into(),
                place: "scenarios/gnome-login.yaml:4:5".into(),
                deadline_ms: Some(360_000),
            },
        );
        assert_eq!(told, "");
    }

    pub(super) fn step_ends(&mut self, scenario: &str, step: &str) -> String {
        self.takes(
            scenario,
            Event::StepFinished {
                stage: scenario.into(),
                step: step.into(),
                outcome: StepOutcome::Passed,
                duration_ms: 65_000,
                evidence: Evidence::default(),
            },
        )
    }

    pub(super) fn later(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    pub(super) fn status(&self, size: Size) -> Vec<String> {
        self.screen.status(self.now, size)
    }
}

fn info(name: &str) -> ScenarioInfo {
    ScenarioInfo {
        image: "gnome".into(),
        machine: "pc".into(),
        ..ScenarioInfo::named(name)
    }
}

//! A run as it goes on, one line for each thing that a reader of a CI log wants to know.

use std::collections::BTreeMap;

use crate::plain_text::plain_line;
use crate::words::{evidence_lost, not_watched};
use crate::{Entry, Event, StepOutcome, Verdict, human_duration};

/// Steps that took less are not told when they held: their beginning was told already.
const WORTH_TELLING_MS: u64 = 1_000;

/// The lines of a run. Where scenarios are repeated, they stand under names with the attempt's number, `login#17`:
/// several attempts at one may run side by side.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    repeats: bool,
    /// The own names of scenarios whose names in the run say more.
    own_names: BTreeMap<String, String>,
    /// The part that is run, for each scenario that is not run as a whole.
    parts: BTreeMap<String, String>,
}

impl Lines {
    /// Of a run that begins now.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in what the first record of a run says about the names in it; others say nothing.
    pub fn begin(&mut self, event: &Event) {
        if let Event::RunStarted {
            rules, scenarios, ..
        } = event
        {
            self.repeats = rules.repeats;
            let named = scenarios.iter().filter_map(|info| {
                let own = info.scenario.clone()?;
                Some((info.name.clone(), own))
            });
            self.own_names = named.collect();
            let parts = scenarios.iter().filter_map(|info| {
                let part = info.part.clone()?;
                Some((info.name.clone(), part))
            });
            self.parts = parts.collect();
        }
    }

    /// Whether a stage of this name is one that the scenario starts after: not itself.
    pub fn is_before(&self, stage: &str, scenario: &str) -> bool {
        let own = self.own_names.get(scenario);
        stage != own.map_or(scenario, String::as_str)
    }

    /// Returns the result of an attempt, in a word. Where only a part of a scenario held, that is no verdict on it.
    pub fn came_to(&self, scenario: &str, verdict: Verdict) -> String {
        match (verdict, self.parts.get(scenario)) {
            (Verdict::Passed | Verdict::SoftFailed, Some(part)) => format!("held, {part} only,"),
            _ => verdict.word().to_owned(),
        }
    }

    /// Returns the line to show for an entry while a run goes on; none where it is no news to people. Without a line
    /// end, and without anything that a terminal would obey.
    pub fn line(&mut self, entry: &Entry) -> Option<String> {
        self.begin(&entry.event);
        let text = self.text(entry)?;
        Some(plain_line(&match self.name(entry) {
            Some(name) => format!("{name}: {text}"),
            None => text,
        }))
    }

    /// Returns the name of the attempt that an entry is about: its scenario, with its number where scenarios are
    /// repeated. It may be anything that a file's name can be.
    pub fn name(&self, entry: &Entry) -> Option<String> {
        let scenario = entry.scenario()?;
        Some(match entry.envelope.attempt {
            Some(number) if self.repeats => format!("{scenario}#{number}"),
            Some(_) | None => scenario.to_owned(),
        })
    }

    fn text(&self, entry: &Entry) -> Option<String> {
        let (event, scenario) = (&entry.event, entry.scenario().unwrap_or_default());
        let attempt = entry.envelope.attempt.unwrap_or(1);
        Some(match event {
            Event::RunStarted {
                run,
                scenarios,
                matrix,
                ..
            } => match (matrix, scenarios.len()) {
                (Some(matrix), 1) => format!("run {run}: 1 combination of the matrix {matrix}"),
                (Some(matrix), count) => {
                    format!("run {run}: {count} combinations of the matrix {matrix}")
                }
                (None, 1) => format!("run {run}: 1 scenario"),
                (None, count) => format!("run {run}: {count} scenarios"),
            },
            Event::ScenarioStarted {
                from,
                reason: Some(reason),
            } => format!(
                "{}; trying {}, attempt {attempt}",
                reason.text(),
                from.text()
            ),
            Event::ScenarioStarted { from, reason: None } => {
                let attempt = match attempt {
                    later if later > 1 && !self.repeats => format!(", attempt {later}"),
                    _ => String::new(),
                };
                format!("starts {}{attempt}", from.text())
            }
            Event::MachineStarted { facts } => format!(
                "machine {} runs: {} with {}, QEMU {}",
                facts.name, facts.arch, facts.accel, facts.qemu
            ),
            Event::StageStarted { stage, .. } if self.is_before(stage, scenario) => {
                format!("first {stage}")
            }
            Event::StageStarted { .. } => return None,
            Event::StepStarted {
                step,
                text,
                deadline_ms,
                ..
            } => match deadline_ms {
                Some(limit) => format!("{step} {text} (up to {})", human_duration(*limit)),
                None => format!("{step} {text}"),
            },
            Event::StepFinished {
                outcome: StepOutcome::Passed,
                duration_ms,
                ..
            } if *duration_ms < WORTH_TELLING_MS => return None,
            Event::StepFinished {
                step,
                outcome,
                duration_ms,
                evidence,
                ..
            } => {
                let why = match &evidence.cause {
                    Some(cause) => format!(": {}", cause.message),
                    None => String::new(),
                };
                format!(
                    "{step} {} after {}{why}",
                    outcome.word(),
                    human_duration(*duration_ms)
                )
            }
            Event::Machine { what } => what.text(),
            Event::Note { text } => format!("note: {text}"),
            Event::SoftFailure { reason, ticket, .. } => match ticket {
                Some(ticket) => format!("soft failure: {reason} ({ticket})"),
                None => format!("soft failure: {reason}"),
            },
            Event::CheckpointSaved { .. }
            | Event::CheckpointUnusable { .. }
            | Event::CheckpointBlamed { .. } => event.checkpoint_text()?,
            Event::NotWatched {
                stage,
                watch,
                reason,
                ..
            } => not_watched(stage, watch, reason),
            Event::OldClock { .. } => event.clock_text()?,
            Event::EvidenceLost { what, reason, .. } => evidence_lost(what, reason),
            Event::ScenarioFinished {
                verdict,
                duration_ms,
                cause,
                ..
            } => match (verdict, cause) {
                (Verdict::Skipped, Some(cause)) => format!("skipped: {}", cause.message),
                _ => format!(
                    "{} in {}",
                    self.came_to(scenario, *verdict),
                    human_duration(*duration_ms)
                ),
            },
            Event::Input { .. } | Event::RunFinished { .. } => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cause, CauseKind, Envelope, Evidence};

    fn finished(outcome: StepOutcome, duration_ms: u64, cause: Option<&str>) -> Event {
        Event::StepFinished {
            stage: "login".into(),
            step: "2".into(),
            outcome,
            duration_ms,
            evidence: Evidence {
                cause: cause.map(|message| Cause {
                    kind: CauseKind::Deadline,
                    message: message.into(),
                    hints: Vec::new(),
                    step: None,
                    place: None,
                }),
                ..Evidence::default()
            },
        }
    }

    fn line(event: &Event) -> Option<String> {
        Lines::new().line(&of(None, event.clone()))
    }

    fn of(attempt: Option<u32>, event: Event) -> Entry {
        let is_of_run = matches!(event, Event::RunStarted { .. });
        Entry {
            envelope: Envelope {
                scenario: Some("login".to_owned()).filter(|_| !is_of_run),
                attempt,
                ..Envelope::default()
            },
            event,
        }
    }

    #[test]
    fn a_step_is_told_when_it_begins_and_when_its_end_is_news() {
        let begins = Event::StepStarted {
            stage: "login".into(),
            step: "2".into(),
            verb: "see".into(),
            text: "see greeter".into(),
            place: "login.yaml:3:5".into(),
            deadline_ms: Some(30_000),
        };
        assert_eq!(
            line(&begins).as_deref(),
            Some("login: 2 see greeter (up to 30s)")
        );
        assert_eq!(line(&finished(StepOutcome::Passed, 999, None)), None);
        assert_eq!(
            line(&finished(StepOutcome::Passed, 1_500, None)).as_deref(),
            Some("login: 2 passed after 1.5s")
        );
        assert_eq!(
            line(&finished(StepOutcome::Failed, 30_000, Some("no needle"))).as_deref(),
            Some("login: 2 failed after 30s: no needle")
        );
    }

    #[test]
    fn lines_of_repetitions_have_the_number_of_the_attempt() {
        let note = || Event::Note {
            text: "hello".into(),
        };
        let begins = || Event::ScenarioStarted {
            from: crate::StartedFrom::PowerOn,
            reason: None,
        };
        let run = |repeats| Event::RunStarted {
            format: crate::FORMAT,
            version: String::new(),
            run: "r".into(),
            started: String::new(),
            command: Vec::new(),
            hosts: Vec::new(),
            matrix: None,
            scenarios: Vec::new(),
            rules: crate::Rules {
                repeats,
                ..crate::Rules::default()
            },
        };
        let told = |repeats| {
            let mut lines = Lines::new();
            lines.line(&of(None, run(repeats)));
            [
                of(Some(17), begins()),
                of(Some(17), note()),
                of(None, note()),
            ]
            .map(|entry| lines.line(&entry).unwrap_or_default())
        };
        assert_eq!(
            told(true),
            [
                "login#17: starts from power-on",
                "login#17: note: hello",
                "login: note: hello"
            ]
        );
        assert_eq!(
            told(false),
            [
                "login: starts from power-on, attempt 17",
                "login: note: hello",
                "login: note: hello"
            ]
        );
    }

    #[test]
    fn a_guest_cannot_write_to_the_terminal_through_a_line() {
        let event = Event::Note {
            text: "\x1b[2Jone\r\ntwo".into(),
        };
        assert_eq!(line(&event).as_deref(), Some("login: note: one two"));
    }
}

//! Shows a run line by line while it goes on, for readers of a CI log.

use std::collections::BTreeMap;

use super::ending::BadEnd;
use crate::duration::human_duration;
use crate::log::{
    A_LOOK, AttemptReason, BackendFacts, Cause, Entry, Event, MachineFacts, StartedFrom,
    StepOutcome, Verdict,
};
use crate::plain_text::plain_line;
use crate::words::on_machine;

/// The shortest duration of a step that held whose end gets a line.
const WORTH_TELLING_MS: u64 = 1_000;

/// Makes the lines of a run. If scenarios are repeated, a line names the attempt, too: `login#17`. Several attempts may
/// run side by side.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    repeats: bool,
    /// The own names of scenarios whose names in the run say more.
    own_names: BTreeMap<String, String>,
    /// The part that is run, for each scenario that is not run as a whole.
    parts: BTreeMap<String, String>,
}

impl Lines {
    /// Returns the lines of a run that begins now.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the names from the first event of a run. Other events change nothing.
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

    /// Returns true if the scenario starts after the stage of this name, and false for its own stage.
    pub fn is_before(&self, stage: &str, scenario: &str) -> bool {
        let own = self.own_names.get(scenario);
        stage != own.map_or(scenario, String::as_str)
    }

    /// Returns the result of an attempt, in one word. If only a part of a scenario ran and held, that is not a verdict.
    pub fn came_to(&self, scenario: &str, verdict: Verdict) -> String {
        match (verdict, self.parts.get(scenario)) {
            (Verdict::Passed | Verdict::SoftFailed, Some(part)) if part == A_LOOK => {
                "ended".to_owned()
            }
            (Verdict::Passed | Verdict::SoftFailed, Some(part)) => format!("held, {part} only,"),
            _ => verdict.word().to_owned(),
        }
    }

    /// Returns the line for an entry while a run goes on; none if the entry is not worth a line. The line has no line
    /// end, and no control characters.
    pub fn line(&mut self, entry: &Entry) -> Option<String> {
        self.begin(&entry.event);
        let text = self.text(entry)?;
        let text = on_machine(entry.envelope.machine.as_deref(), &text);
        Some(plain_line(&match self.name(entry) {
            Some(name) => format!("{name}: {text}"),
            None => text,
        }))
    }

    /// Returns the line that follows the end of an attempt that did not hold: the step, and the picture of the screen.
    /// `folder` is the folder of the run, as people name it.
    pub fn line_after(&self, entry: &Entry, folder: &str) -> Option<String> {
        let end = BadEnd::of(&entry.event)?;
        let at = end.at.as_ref().map(|at| format!("at {at}"));
        let picture = end.picture_below(folder);
        let parts: Vec<String> = [at, picture.map(|path| format!("picture {path}"))]
            .into_iter()
            .flatten()
            .collect();
        if parts.is_empty() {
            return None;
        }
        let name = plain_line(&self.name(entry).unwrap_or_default());
        Some(format!("{name}: {}", parts.join("; ")))
    }

    /// Returns the name of the attempt that an entry is about: its scenario, with its number if scenarios are repeated.
    /// It may contain every character that a file name can have.
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
            } => run_text(run, scenarios.len(), matrix.as_deref()),
            Event::ScenarioStarted { from, reason } => self.start_text(from, *reason, attempt),
            Event::MachineStarted { facts } => machine_text(facts),
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
                step,
                outcome,
                duration_ms,
                evidence,
                ..
            } => step_end_text(step, *outcome, *duration_ms, evidence.cause.as_ref())?,
            Event::Machine { what } => what.text(),
            Event::Note { text } => format!("note: {text}"),
            Event::SoftFailure { reason, ticket, .. } => match ticket {
                Some(ticket) => format!("soft failure: {reason} ({ticket})"),
                None => format!("soft failure: {reason}"),
            },
            Event::CheckpointSaved { .. }
            | Event::CheckpointUnusable { .. }
            | Event::CheckpointBlamed { .. }
            | Event::NotWatched { .. }
            | Event::OldClock { .. }
            | Event::EvidenceLost { .. } => event.remark_text()?,
            Event::ScenarioFinished {
                verdict,
                duration_ms,
                cause,
                ..
            } => match (verdict, cause) {
                (Verdict::Skipped, Some(cause)) => format!("skipped: {}", cause.message),
                _ => {
                    let time = human_duration(*duration_ms);
                    let ended = format!("{} in {time}", self.came_to(scenario, *verdict));
                    match BadEnd::of(event).filter(|end| !end.why.is_empty()) {
                        Some(end) => format!("{ended}: {}", end.why),
                        None => ended,
                    }
                }
            },
            Event::Input { .. }
            | Event::Shot { .. }
            | Event::FilmThinned { .. }
            | Event::Compared { .. }
            | Event::Serial { .. }
            | Event::RunFinished { .. } => return None,
        })
    }

    fn start_text(
        &self,
        from: &StartedFrom,
        reason: Option<AttemptReason>,
        attempt: u32,
    ) -> String {
        let from = from.text();
        match reason {
            Some(reason) => format!("{}; trying {from}, attempt {attempt}", reason.text()),
            None if attempt > 1 && !self.repeats => format!("starts {from}, attempt {attempt}"),
            None => format!("starts {from}"),
        }
    }
}

fn run_text(run: &str, scenarios: usize, matrix: Option<&str>) -> String {
    match (matrix, scenarios) {
        (Some(matrix), 1) => format!("run {run}: 1 combination of the matrix {matrix}"),
        (Some(matrix), count) => format!("run {run}: {count} combinations of the matrix {matrix}"),
        (None, 1) => format!("run {run}: 1 scenario"),
        (None, count) => format!("run {run}: {count} scenarios"),
    }
}

fn machine_text(facts: &MachineFacts) -> String {
    let backend = match &facts.backend {
        BackendFacts::Qemu { version, accel, .. } => format!(" with {accel}, QEMU {version}"),
        BackendFacts::Board { sources } => format!(", a board ({sources})"),
        BackendFacts::Scripted => ", scripted".to_owned(),
    };
    format!("machine {} runs: {}{backend}", facts.name, facts.arch)
}

fn step_end_text(
    step: &str,
    outcome: StepOutcome,
    duration_ms: u64,
    cause: Option<&Cause>,
) -> Option<String> {
    if outcome == StepOutcome::Passed && duration_ms < WORTH_TELLING_MS {
        return None;
    }
    let why = match cause {
        Some(cause) => format!(": {}", cause.message),
        None => String::new(),
    };
    let (outcome, time) = (outcome.word(), human_duration(duration_ms));
    Some(format!("{step} {outcome} after {time}{why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{CauseKind, Envelope, Evidence, FORMAT, Rules};

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
            from: StartedFrom::PowerOn,
            reason: None,
        };
        let run = |repeats| Event::RunStarted {
            format: FORMAT,
            version: String::new(),
            run: "r".into(),
            started: String::new(),
            command: Vec::new(),
            hosts: Vec::new(),
            matrix: None,
            scenarios: Vec::new(),
            rules: Rules {
                repeats,
                ..Rules::default()
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
    fn a_line_names_the_machine_where_a_scenario_has_several() {
        let mut entry = of(
            None,
            Event::Note {
                text: "hello".into(),
            },
        );
        entry.envelope.machine = Some("server".into());
        let line = Lines::new().line(&entry);
        assert_eq!(line.as_deref(), Some("login: on server: note: hello"));
    }

    #[test]
    fn a_guest_cannot_write_to_the_terminal_through_a_line() {
        let event = Event::Note {
            text: "\x1b[2Jone\r\ntwo".into(),
        };
        assert_eq!(line(&event).as_deref(), Some("login: note: one two"));
    }
}

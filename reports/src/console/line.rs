//! A run as it goes on, one line for each thing that a reader of a CI log wants to know.

use crate::plain_text::plain_line;
use crate::{Event, StepOutcome, Verdict, human_duration};

/// Steps that took less are not told when they held: their beginning was told already.
const WORTH_TELLING_MS: u64 = 1_000;

/// What to tell of an event while a run goes on; none for what is no news to people. Without a line end, and without
/// anything that a terminal would obey.
pub fn line(event: &Event) -> Option<String> {
    let text = match event {
        Event::RunStarted { run, scenarios, .. } => match scenarios.len() {
            1 => format!("run {run}: 1 scenario"),
            count => format!("run {run}: {count} scenarios"),
        },
        Event::ScenarioStarted {
            scenario,
            attempt,
            from,
        } => {
            let attempt = match attempt {
                0 | 1 => String::new(),
                later => format!(", attempt {later}"),
            };
            format!("{scenario}: starts {}{attempt}", from.text())
        }
        Event::MachineStarted { scenario, machine } => format!(
            "{scenario}: machine {} runs: {} with {}, QEMU {}",
            machine.name, machine.arch, machine.accel, machine.qemu
        ),
        Event::StageStarted {
            scenario, stage, ..
        } if stage != scenario => format!("{scenario}: first {stage}"),
        Event::StageStarted { .. } => return None,
        Event::StepStarted {
            scenario,
            step,
            text,
            deadline_ms,
            ..
        } => match deadline_ms {
            Some(limit) => format!(
                "{scenario}: {step} {text} (up to {})",
                human_duration(*limit)
            ),
            None => format!("{scenario}: {step} {text}"),
        },
        Event::StepFinished {
            outcome: StepOutcome::Passed,
            duration_ms,
            ..
        } if *duration_ms < WORTH_TELLING_MS => return None,
        Event::StepFinished {
            scenario,
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
                "{scenario}: {step} {} after {}{why}",
                outcome.word(),
                human_duration(*duration_ms)
            )
        }
        Event::Machine { scenario, what } => format!("{scenario}: {}", what.text()),
        Event::Note { scenario, text } => format!("{scenario}: note: {text}"),
        Event::SoftFailure {
            scenario,
            reason,
            ticket,
        } => match ticket {
            Some(ticket) => format!("{scenario}: soft failure: {reason} ({ticket})"),
            None => format!("{scenario}: soft failure: {reason}"),
        },
        Event::CheckpointSaved { scenario, .. }
        | Event::CheckpointUnusable { scenario, .. }
        | Event::CheckpointDisagreed { scenario, .. } => {
            format!("{scenario}: {}", event.checkpoint_text()?)
        }
        Event::ScenarioFinished {
            scenario,
            verdict,
            duration_ms,
            cause,
            ..
        } => match (verdict, cause) {
            (Verdict::Skipped, Some(cause)) => format!("{scenario}: skipped: {}", cause.message),
            _ => format!("{scenario}: {verdict} in {}", human_duration(*duration_ms)),
        },
        Event::RunFinished { .. } => return None,
    };
    Some(plain_line(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cause, CauseKind, Evidence};

    fn finished(outcome: StepOutcome, duration_ms: u64, cause: Option<&str>) -> Event {
        Event::StepFinished {
            scenario: "login".into(),
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

    #[test]
    fn a_step_is_told_when_it_begins_and_when_its_end_is_news() {
        let begins = Event::StepStarted {
            scenario: "login".into(),
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
    fn a_guest_cannot_write_to_the_terminal_through_a_line() {
        let event = Event::Note {
            scenario: "login".into(),
            text: "\x1b[2Jone\r\ntwo".into(),
        };
        assert_eq!(line(&event).as_deref(), Some("login: note: one two"));
    }
}

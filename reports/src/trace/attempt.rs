//! The threads of an attempt.

use serde_json::{Value, json};

use super::event::{Instant, Lasting, Process, facts, text};
use super::lanes::Span;
use crate::log::{Look, Wanted};
use crate::run::{Attempt, Remark, Stage, StageEntry, Step};
use crate::words::{on_machine, step_ended};

/// Adds the threads of an attempt. They have its number, if the scenario has several attempts.
pub(super) fn add(process: &mut Process, attempt: &Attempt, has_several: bool) {
    let named = |what: &str| match has_several {
        true => format!("attempt {}: {what}", attempt.number),
        false => what.to_owned(),
    };
    let (mut checkpoints, mut news) = (Vec::new(), Vec::new());
    for entry in attempt.stages.iter().flat_map(|stage| &stage.entries) {
        match entry {
            StageEntry::Step(_) => {}
            StageEntry::Remark {
                at_ms,
                machine,
                remark,
                depth: _,
            } => match saved(*at_ms, remark) {
                Some(checkpoint) => checkpoints.push(checkpoint),
                None => news.push(Instant {
                    at_ms: *at_ms,
                    name: on_machine(machine.as_deref(), &remark.text()),
                    facts: facts([]),
                }),
            },
        }
    }
    let steps = attempt.steps().map(step).collect();
    let looks = attempt.steps().filter_map(look).collect();
    let (inputs, clicks) = inputs(attempt);
    let mut whole = vec![whole(attempt)];
    whole.extend(stages(attempt));
    process.thread(&named("attempt and stages"), whole, Vec::new());
    process.thread(&named("steps"), steps, Vec::new());
    process.thread(&named("looks"), looks, Vec::new());
    process.thread(&named("keys and pointer"), inputs, clicks);
    process.thread(&named("machine and remarks"), Vec::new(), news);
    process.thread(&named("checkpoints"), checkpoints, Vec::new());
    process.thread(&named("screen"), Vec::new(), shots(attempt));
}

fn whole(attempt: &Attempt) -> Lasting {
    Lasting {
        span: Span::lasting(attempt.started_ms, attempt.duration_ms),
        name: format!("attempt {}: {}", attempt.number, attempt.verdict.word()),
        facts: facts([
            ("host", text(&attempt.host)),
            ("from", text(&attempt.from.text())),
            (
                "cause",
                attempt.cause.as_ref().and_then(|of| text(&of.message)),
            ),
        ]),
    }
}

/// Returns the stages. A stage goes on until the next one begins.
fn stages(attempt: &Attempt) -> Vec<Lasting> {
    let end = attempt.started_ms.saturating_add(attempt.duration_ms);
    let named = attempt.stages.iter().filter(|stage| !stage.name.is_empty());
    let begun: Vec<(u64, &Stage)> = named
        .filter_map(|stage| Some((began(stage)?, stage)))
        .collect();
    let nexts = begun.iter().skip(1).map(|(at, _)| *at).chain([end]);
    let spans = begun.iter().zip(nexts).map(|(&(from, stage), to)| Lasting {
        span: Span {
            from_ms: from,
            to_ms: to.max(from),
        },
        name: format!("stage {}", stage.name),
        facts: facts([("steps", Some(stage.planned.into()))]),
    });
    spans.collect()
}

fn began(stage: &Stage) -> Option<u64> {
    let times = stage.entries.iter().map(|entry| match entry {
        StageEntry::Step(step) => step.started_ms,
        StageEntry::Remark { at_ms, .. } => *at_ms,
    });
    times.min()
}

fn step(step: &Step) -> Lasting {
    let cause = step.evidence.cause.as_ref();
    Lasting {
        span: Span::lasting(step.started_ms, step.duration_ms),
        name: format!(
            "{} {}",
            step.id,
            on_machine(step.machine.as_deref(), &step.text)
        ),
        facts: facts([
            ("ended", text(&step_ended(step))),
            ("place", text(&step.place)),
            ("deadline_ms", step.deadline_ms.map(Value::from)),
            ("after_ms", step.evidence.after_ms.map(Value::from)),
            ("cause", cause.and_then(|cause| text(&cause.message))),
        ]),
    }
}

fn look(step: &Step) -> Option<Lasting> {
    let look: &Look = step.evidence.look.as_ref()?;
    let wanted = match look.wanted {
        Wanted::Present => "see",
        Wanted::Absent => "gone",
    };
    let nearest = look.candidates.first();
    Some(Lasting {
        span: Span::lasting(step.started_ms, step.duration_ms),
        name: format!("{wanted} {}", look.query),
        facts: facts([
            (
                "matched",
                look.matched.as_ref().and_then(|of| text(&of.needle)),
            ),
            ("nearest", nearest.and_then(|of| text(&of.needle))),
            ("nearest_error", nearest.map(|of| json!(of.error))),
        ]),
    })
}

/// Returns inputs that changed the screen, with the time until then, and all others.
fn inputs(attempt: &Attempt) -> (Vec<Lasting>, Vec<Instant>) {
    let (mut lasting, mut instants) = (Vec::new(), Vec::new());
    for input in &attempt.inputs {
        let name = on_machine(input.machine.as_deref(), &input.what);
        let facts = facts([
            ("at", input.at.map(|at| json!(at))),
            ("times", (input.times > 1).then(|| input.times.into())),
        ]);
        match input.changed_after_ms {
            Some(after_ms) => lasting.push(Lasting {
                span: Span::lasting(input.done_ms, after_ms),
                name,
                facts,
            }),
            None => instants.push(Instant {
                at_ms: input.done_ms,
                name,
                facts,
            }),
        }
    }
    (lasting, instants)
}

/// Returns the time in which a checkpoint was saved; none for other remarks.
fn saved(at_ms: u64, remark: &Remark) -> Option<Lasting> {
    match remark {
        Remark::CheckpointSaved {
            stage,
            key,
            bytes,
            duration_ms,
        } => Some(Lasting {
            // The event is written when it is done.
            span: Span {
                from_ms: at_ms.saturating_sub(*duration_ms),
                to_ms: at_ms,
            },
            name: format!("checkpoint after {stage}"),
            facts: facts([("key", text(key)), ("bytes", Some((*bytes).into()))]),
        }),
        Remark::Note(_)
        | Remark::Machine(_)
        | Remark::Started(_)
        | Remark::SoftFailure(_)
        | Remark::CheckpointUnusable { .. } => None,
    }
}

fn shots(attempt: &Attempt) -> Vec<Instant> {
    let shots = attempt.film.iter().map(|shot| Instant {
        at_ms: shot.shown_ms,
        name: on_machine(
            shot.machine.as_deref(),
            match shot.frame {
                Some(_) => "the screen changed",
                None => "no picture",
            },
        ),
        facts: facts([
            ("frame", shot.frame.map(Value::from)),
            (
                "picture",
                shot.picture.as_ref().and_then(|of| text(&of.file)),
            ),
        ]),
    });
    shots.collect()
}

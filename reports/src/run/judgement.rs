//! Judges attempts that broke off, and a scenario by all its attempts.

use super::attempt::{Attempt, StageEntry};
use super::model::RunEnd;
use super::scenario::{Finding, Scenario, Unconfirmed};
use crate::log::{Cause, CauseKind, ExitStatus, Rules, StartedFrom, Verdict};

/// Judges an attempt without an end, which broke off.
pub(super) fn interrupt(attempt: &mut Attempt, end: RunEnd, last_ms: u64) {
    attempt.verdict = match end {
        RunEnd::Running { .. } => Verdict::Skipped,
        RunEnd::Finished { .. } | RunEnd::CutShort { .. } => Verdict::Error,
    };
    attempt.duration_ms = last_ms.saturating_sub(attempt.started_ms);
    for step in attempt
        .stages
        .iter_mut()
        .flat_map(|stage| &mut stage.entries)
    {
        if let StageEntry::Step(step) = step
            && step.outcome.is_none()
        {
            step.duration_ms = last_ms.saturating_sub(step.started_ms);
        }
    }
    let (step, place) = match attempt.steps().rev().find(|step| step.outcome.is_none()) {
        Some(step) => (Some(step.id.clone()), Some(step.place.clone())),
        None => (None, None),
    };
    let stage = attempt.stages.last().map(|stage| stage.name.clone());
    let last_frame = attempt
        .steps()
        .rev()
        .find_map(|step| step.evidence.frame.clone());
    attempt.last_frame = last_frame;
    attempt.cause = Some(Cause {
        step: step.map(|step| match stage {
            Some(stage) if !stage.is_empty() => format!("{stage} step {step}"),
            Some(_) | None => format!("step {step}"),
        }),
        place,
        ..interrupted(end)
    });
}

fn interrupted(end: RunEnd) -> Cause {
    let (message, hint) = match end {
        RunEnd::Running { .. } => return unfinished("not finished: the run goes on"),
        RunEnd::CutShort { .. } => (
            "interrupted: the event log stops in the middle of the run",
            "qa was killed, the host went down or its disk was full; run the scenario again",
        ),
        RunEnd::Finished { .. } => (
            "interrupted: the run ended without a judgement of the scenario",
            "this is a defect of qa: keep the run's folder and report it",
        ),
    };
    Cause {
        kind: CauseKind::Harness,
        message: message.to_owned(),
        hints: vec![hint.to_owned()],
        step: None,
        place: None,
    }
}

fn unfinished(message: &str) -> Cause {
    Cause {
        kind: CauseKind::Unfinished,
        message: message.to_owned(),
        hints: Vec::new(),
        step: None,
        place: None,
    }
}

/// Returns the finding about a checkpoint that is to blame: it names the attempts that failed from it and
/// those that held without it.
pub(super) fn blame(attempts: &[Attempt], stage: &str, checkpoint: &str) -> Finding {
    let from_it = |attempt: &&Attempt| {
        matches!(
            &attempt.from,
            StartedFrom::Checkpoint { key, this_run: false, .. } if key == checkpoint
        )
    };
    let failed = |attempt: &&Attempt| attempt.verdict == Verdict::Failed;
    let held = |attempt: &&Attempt| attempt.held() && !from_it(attempt);
    let number = |attempt: &Attempt| attempt.number;
    Finding::CheckpointBlamed {
        stage: stage.to_owned(),
        key: checkpoint.to_owned(),
        failed: attempts
            .iter()
            .filter(from_it)
            .filter(failed)
            .map(number)
            .collect(),
        held: attempts.iter().filter(held).map(number).collect(),
    }
}

/// Judges a scenario by all its attempts.
pub(super) fn judge(scenario: &mut Scenario, end: RunEnd, rules: Rules) {
    judge_attempts(scenario, end, rules);
    let goes_on = matches!(end, RunEnd::Running { .. });
    if goes_on && scenario.attempts.iter().any(|attempt| !attempt.is_whole) {
        // The verdict is not known before the last attempt has ended.
        (scenario.verdict, scenario.cause) = (Verdict::Skipped, Some(interrupted(end)));
    }
    let held = matches!(scenario.verdict, Verdict::Passed | Verdict::SoftFailed);
    if let Some(part) = scenario.info.part.as_ref().filter(|_| held) {
        // A part that holds says nothing about the whole.
        scenario.verdict = Verdict::Skipped;
        scenario.cause = Some(Cause {
            kind: CauseKind::Partial,
            message: format!("only a part was run, {part}, and it held"),
            hints: Vec::new(),
            step: None,
            place: None,
        });
    }
}

fn judge_attempts(scenario: &mut Scenario, end: RunEnd, rules: Rules) {
    let attempts = &scenario.attempts;
    let Some((verdict, decided_by)) = over(attempts, rules) else {
        (scenario.verdict, scenario.cause) = not_begun(end);
        return;
    };
    let by = &attempts[decided_by];
    scenario.decided_by = Some(decided_by);
    (scenario.verdict, scenario.cause) = (verdict, by.cause.clone());
    let Some((stage, key)) = earlier_checkpoint(&by.from) else {
        return;
    };
    let why = match verdict {
        Verdict::Failed | Verdict::Error if !rules.confirm => Unconfirmed::NotWanted,
        Verdict::Failed | Verdict::Error if rules.repeats => Unconfirmed::Repetition,
        Verdict::Failed if !is_confirmed(attempts) => match interrupted_before(by, end) {
            Some(judgement) => {
                (scenario.verdict, scenario.cause) = judgement;
                return;
            }
            None => Unconfirmed::NotJudged,
        },
        Verdict::Failed
        | Verdict::Error
        | Verdict::Passed
        | Verdict::SoftFailed
        | Verdict::Flaky
        | Verdict::Skipped
        | Verdict::Cancelled => return,
    };
    let finding = Finding::NotConfirmed {
        stage: stage.to_owned(),
        key: key.to_owned(),
        why,
    };
    scenario.findings.push(finding);
}

/// Returns the verdict over attempts, and the place of the one that it rests on; none if there is no attempt.
///
/// The worst attempt counts: one that broke off does not excuse one that failed. A scenario that held in one attempt
/// and not in another is flaky, whichever came first. So `passed` says that every attempt held.
fn over(attempts: &[Attempt], rules: Rules) -> Option<(Verdict, usize)> {
    let worst = attempts
        .iter()
        .map(|attempt| attempt.verdict)
        .min_by_key(|verdict| severity(*verdict))?;
    let held_in_part = matches!(worst, Verdict::Failed | Verdict::Error)
        && attempts.iter().any(Attempt::held)
        && !is_untold_repetition(attempts, rules);
    let is_worst = |attempt: &Attempt| attempt.verdict == worst;
    let (first, last) = (
        attempts.iter().position(is_worst)?,
        attempts.iter().rposition(is_worst)?,
    );
    Some(match held_in_part {
        true => (Verdict::Flaky, first),
        false if rules.repeats || attempts.iter().any(Attempt::held) => (worst, first),
        false => (worst, last),
    })
}

/// Returns true for repetitions in logs of format 1, which do not tell the reason for an attempt. At that time, a
/// scenario that held was not tried again. So an attempt after one that held was a repetition, and the worst counted.
fn is_untold_repetition(attempts: &[Attempt], rules: Rules) -> bool {
    let mut later = attempts.iter().skip_while(|attempt| !attempt.held());
    !rules.repeats && later.nth(1).is_some_and(|next| next.reason.is_none())
}

/// Returns the rank of a verdict: the worst has the lowest.
fn severity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Failed => 0,
        Verdict::Error => 1,
        Verdict::Cancelled => 2,
        Verdict::Skipped => 3,
        Verdict::Flaky => 4,
        Verdict::SoftFailed => 5,
        Verdict::Passed => 6,
    }
}

/// Returns stage and key of a checkpoint of an earlier run.
fn earlier_checkpoint(from: &StartedFrom) -> Option<(&str, &str)> {
    match from {
        StartedFrom::Checkpoint {
            scenario,
            key,
            this_run: false,
            ..
        } => Some((scenario, key)),
        StartedFrom::Checkpoint { .. } | StartedFrom::PowerOn | StartedFrom::Continued { .. } => {
            None
        }
    }
}

/// Returns true if it also failed from an origin other than a checkpoint of an earlier run.
fn is_confirmed(attempts: &[Attempt]) -> bool {
    attempts.iter().any(|attempt| {
        attempt.verdict == Verdict::Failed && earlier_checkpoint(&attempt.from).is_none()
    })
}

/// Returns the verdict on a failure from a checkpoint of an earlier run when the run ended before it was
/// confirmed from power-on.
fn interrupted_before(attempt: &Attempt, end: RunEnd) -> Option<(Verdict, Option<Cause>)> {
    let (verdict, kind) = match end {
        RunEnd::CutShort { .. } => (Verdict::Error, CauseKind::Harness),
        RunEnd::Running { .. } => {
            let cause = unfinished(
                "not finished: a failure from a checkpoint must be confirmed from power-on",
            );
            return Some((Verdict::Skipped, Some(cause)));
        }
        RunEnd::Finished {
            exit: ExitStatus::Cancelled,
            ..
        } => (Verdict::Cancelled, CauseKind::Cancelled),
        RunEnd::Finished { .. } => return None,
    };
    let what = attempt
        .cause
        .as_ref()
        .map_or("it failed", |cause| cause.message.as_str());
    let cause = Cause {
        kind,
        message: format!(
            "interrupted before a failure from a checkpoint was confirmed from power-on: {what}"
        ),
        hints: vec!["run the scenario again; with `--cold` it starts from power-on".to_owned()],
        step: attempt.cause.as_ref().and_then(|cause| cause.step.clone()),
        place: attempt.cause.as_ref().and_then(|cause| cause.place.clone()),
    };
    Some((verdict, Some(cause)))
}

/// Returns the judgement of a scenario without any attempt.
fn not_begun(end: RunEnd) -> (Verdict, Option<Cause>) {
    let stopped = matches!(
        end,
        RunEnd::Finished {
            exit: ExitStatus::Cancelled,
            ..
        }
    );
    if stopped {
        let cause = Cause {
            kind: CauseKind::Cancelled,
            message: "not begun: the run was stopped by the user".to_owned(),
            hints: Vec::new(),
            step: None,
            place: None,
        };
        (Verdict::Cancelled, Some(cause))
    } else if matches!(end, RunEnd::Running { .. }) {
        let cause = unfinished("not begun yet: the run goes on");
        (Verdict::Skipped, Some(cause))
    } else {
        let mut cause = interrupted(end);
        cause.message = cause.message.replace("interrupted", "not begun");
        (Verdict::Error, Some(cause))
    }
}

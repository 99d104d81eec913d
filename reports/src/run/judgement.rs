//! The verdict of an attempt that broke off, and the one over all attempts.

use crate::run::{Attempt, Entry, Finding, RunEnd, Scenario};
use crate::{Cause, CauseKind, ExitStatus, Rules, StartedFrom, Verdict};

/// Gives an attempt without an end the verdict that it broke off, with all that is known.
pub(super) fn interrupt(attempt: &mut Attempt, end: RunEnd, last_ms: u64) {
    attempt.verdict = Verdict::Error;
    attempt.duration_ms = last_ms.saturating_sub(attempt.started_ms);
    for step in attempt
        .stages
        .iter_mut()
        .flat_map(|stage| &mut stage.entries)
    {
        if let Entry::Step(step) = step
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

/// A checkpoint of an earlier run turned out wrong: the failures it led to count for nothing.
pub(super) fn discount(attempts: &mut [Attempt], checkpoint: &str) {
    for attempt in attempts {
        let came_from_it = matches!(
            &attempt.from,
            StartedFrom::Checkpoint { key, this_run: false, .. } if key == checkpoint
        );
        if came_from_it && attempt.is_whole && attempt.did_not_hold() {
            attempt.misled = true;
        }
    }
}

/// The verdict over all attempts.
pub(super) fn judge(scenario: &mut Scenario, end: RunEnd, rules: Rules) {
    let mut counting: Vec<usize> = (0..scenario.attempts.len())
        .filter(|index| !scenario.attempts[*index].misled)
        .collect();
    if counting.is_empty() {
        // Nothing stands against what misled attempts say, so a failure must not become anything better.
        counting = (0..scenario.attempts.len()).collect();
    }
    let Some(&last) = counting.last() else {
        (scenario.verdict, scenario.cause) = not_begun(end);
        return;
    };
    let attempts = &scenario.attempts;
    let (verdict, decided_by) = over(attempts, &counting, last, rules);
    let by = &attempts[decided_by];
    let mut judgement = None;
    if rules.confirms() {
        if verdict == Verdict::Failed && decided_by == attempts.len() - 1 {
            judgement = unconfirmed(by, end);
        }
    } else if matches!(verdict, Verdict::Failed | Verdict::Error) {
        let finding = not_confirmed(&by.from, rules);
        scenario.findings.extend(finding);
    }
    (scenario.verdict, scenario.cause) = judgement.unwrap_or_else(|| (verdict, by.cause.clone()));
    scenario.decided_by = Some(decided_by);
}

/// The verdict that attempts come to, and the one that tells why.
///
/// Repetitions that held in part are flaky, as tries are that held at last; the worst of them tells why. In a log that does not
/// tell what attempts are, one after one that held is a repetition, since nothing that held is tried again: then the worst counts.
fn over(attempts: &[Attempt], counting: &[usize], last: usize, rules: Rules) -> (Verdict, usize) {
    let held_before = counting
        .iter()
        .any(|&index| index != last && attempts[index].held());
    if rules.repeats || held_before {
        let worst = counting
            .iter()
            .copied()
            .min_by_key(|&index| severity(attempts[index].verdict));
        let worst = worst.unwrap_or(last);
        let held_in_part =
            attempts[worst].did_not_hold() && counting.iter().any(|&index| attempts[index].held());
        if rules.repeats && held_in_part {
            return (Verdict::Flaky, worst);
        }
        return (attempts[worst].verdict, worst);
    }
    let failure = counting
        .iter()
        .copied()
        .find(|&index| attempts[index].did_not_hold());
    match failure {
        Some(failure) if attempts[last].held() => (Verdict::Flaky, failure),
        // One that could show nothing takes nothing back.
        Some(failure) if attempts[last].verdict == Verdict::Skipped => {
            (attempts[failure].verdict, failure)
        }
        Some(_) | None => (attempts[last].verdict, last),
    }
}

/// The worst first.
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

/// What a failure from a checkpoint of an earlier run comes to when the run ended before it was confirmed from power-on.
fn unconfirmed(attempt: &Attempt, end: RunEnd) -> Option<(Verdict, Option<Cause>)> {
    let from_earlier = matches!(
        attempt.from,
        StartedFrom::Checkpoint {
            this_run: false,
            ..
        }
    );
    let (verdict, kind) = match end {
        RunEnd::CutShort { .. } => (Verdict::Error, CauseKind::Harness),
        RunEnd::Finished {
            exit: ExitStatus::Cancelled,
            ..
        } => (Verdict::Cancelled, CauseKind::Cancelled),
        RunEnd::Finished { .. } => return None,
    };
    if !from_earlier {
        return None;
    }
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

/// What must be told of a failure that started from a checkpoint of an earlier run where that is not confirmed.
fn not_confirmed(from: &StartedFrom, rules: Rules) -> Option<Finding> {
    match from {
        StartedFrom::Checkpoint {
            scenario,
            key,
            this_run: false,
            ..
        } => Some(Finding::NotConfirmed {
            stage: scenario.clone(),
            key: key.clone(),
            repeated: rules.confirm,
        }),
        StartedFrom::Checkpoint { .. } | StartedFrom::PowerOn | StartedFrom::Continued { .. } => {
            None
        }
    }
}

/// The judgement of a scenario without any attempt.
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
    } else {
        let mut cause = interrupted(end);
        cause.message = cause.message.replace("interrupted", "not begun");
        (Verdict::Error, Some(cause))
    }
}

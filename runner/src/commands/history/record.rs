//! The history for programs: one JSON object for each line.

use reports::Verdict;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::shown::{Drifting, Shown, ShownNeedle, ShownRun, Unused};
use crate::history::{CellRun, ChangedStep, Origin};

/// Returns the line of a cell.
pub(super) fn cell(shown: &Shown) -> Value {
    let summary = &shown.summary;
    let verdicts = Verdict::ALL.into_iter().zip(summary.counts);
    let verdicts: serde_json::Map<String, Value> = verdicts
        .map(|(verdict, count)| (verdict.word().to_owned(), json!(count)))
        .collect();
    json!({
        "kind": "cell",
        "cell": shown.cell.as_str(),
        "scenario": shown.cell.scenario(),
        "newest": result(&summary.newest),
        "runs": summary.runs,
        "verdicts": verdicts,
        "pass_rate": summary.pass_rate().map(rounded),
        "flakiness": summary.flakiness().map(rounded),
        "usual_ms": summary.usual_ms,
        "not_held": summary.not_held.as_ref().map(|not_held| json!({
            "since": not_held.since.run,
            "runs": not_held.runs,
            "last_held": not_held.last_held.as_ref().map(|run| &run.run),
        })),
    })
}

/// Returns the line of a run of a cell.
pub(super) fn run(shown: &ShownRun) -> Value {
    let mut line = result(&shown.result);
    line["kind"] = json!("run");
    line["cell"] = json!(shown.result.cell.as_str());
    let changed: Vec<Value> = shown.changed.iter().map(changed_step).collect();
    line["changed_steps"] = json!(changed);
    line
}

fn result(run: &CellRun) -> Value {
    let began = OffsetDateTime::from_unix_timestamp_nanos(run.began.into());
    let origin = run.origin.as_ref();
    json!({
        "run": run.run,
        "began": began.ok().and_then(|began| began.format(&Rfc3339).ok()),
        "verdict": run.verdict,
        "cause": run.cause.as_ref().map(|cause| json!({ "kind": cause.kind, "line": cause.line })),
        "duration_ms": run.duration_ms,
        "attempts": run.attempts,
        "origin": origin.map(Origin::word),
        "begins_after": origin.and_then(Origin::begins_after),
        "image_digest": run.image_digest,
    })
}

fn changed_step(changed: &ChangedStep) -> Value {
    let (step, usual) = (&changed.step, &changed.usual);
    json!({
        "stage": step.stage,
        "step": step.id,
        "text": step.text,
        "duration_ms": step.duration_ms,
        "after_ms": step.after_ms,
        "shortest_ms": usual.durations.min_ms,
        "usual_ms": usual.durations.median_ms,
        "longest_ms": usual.durations.max_ms,
        "runs": usual.runs,
    })
}

/// Returns the line of a needle of a cell.
pub(super) fn needle(shown: &ShownNeedle) -> Value {
    json!({
        "kind": "needle",
        "needle": shown.name,
        "matched": shown.matched,
        "missed": shown.missed,
        "reserve": shown.reserve.map(rounded),
        "drifts_from": shown.drift.map(|drift| rounded(drift.before)),
    })
}

/// Returns the line of a needle that drifts.
pub(super) fn drifting(drifting: &Drifting) -> Value {
    json!({
        "kind": "drifting-needle",
        "needle": drifting.needle,
        "cell": drifting.cell.as_str(),
        "reserve_before": rounded(drifting.drift.before),
        "reserve": rounded(drifting.drift.recent),
    })
}

/// Returns the line of a needle that was not used.
pub(super) fn unused(unused: &Unused, runs: usize) -> Value {
    json!({ "kind": "unused-needle", "needle": unused.name, "file": unused.file, "runs": runs })
}

/// Returns a number with four decimals. The difference of two similarities has noise after them.
pub(super) fn rounded(number: f64) -> f64 {
    (number * 10_000.0).round() / 10_000.0
}

//! Finds what earlier runs tell of the scenarios of a run, for its reports.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reports::{Baseline, Baselines, Earlier, Past, PastResult, Run, UsualTime, Verdict};

use crate::failure::Failure;
use crate::history::{Cell, History, HistoryError, Origin};
use crate::seen_from::seen_from;

/// The number of earlier runs that tell how long a step usually takes.
const USUAL_OF: usize = 20;

/// The number of earlier results that a report shows of each scenario.
const SHOWN: usize = 10;

/// Returns what earlier runs tell of the scenarios of a run: the last results of each, and the last good run of each
/// that did not hold. A run that cannot be read is left out: the report is the same without it.
///
/// # Errors
/// The database of the history refuses.
pub(crate) fn earlier(
    history: &History,
    folder: &Path,
    run: &Run,
) -> Result<Earlier, HistoryError> {
    Ok(Earlier {
        baselines: last_good(history, folder, run)?,
        past: past(history, folder, run)?,
    })
}

/// Returns the last results of each scenario, before this run.
fn past(history: &History, folder: &Path, run: &Run) -> Result<Past, HistoryError> {
    let mut past = Past::default();
    for scenario in &run.scenarios {
        let own = scenario.deciding_attempt().map(|it| Origin::of(&it.from));
        let begins = own.as_ref().map(Origin::begins_after);
        let newest_first = history.results_before(&Cell::of(&scenario.info), &run.name, SHOWN)?;
        let results = newest_first.into_iter().rev().map(|result| PastResult {
            folder: seen_from(folder, &history.folder_of(&result)),
            began_alike: result.origin.as_ref().map(Origin::begins_after) == begins,
            run: result.run,
            verdict: result.verdict,
            duration_ms: result.duration_ms,
        });
        let results: Vec<PastResult> = results.collect();
        if !results.is_empty() {
            past.insert(&scenario.info.name, results);
        }
    }
    Ok(past)
}

/// Returns the last good run of each scenario that did not hold.
fn last_good(history: &History, folder: &Path, run: &Run) -> Result<Baselines, HistoryError> {
    let mut baselines = Baselines::default();
    let mut read: HashMap<PathBuf, Option<Arc<Run>>> = HashMap::new();
    for scenario in run.scenarios.iter().filter(|scenario| failed(scenario)) {
        let cell = Cell::of(&scenario.info);
        let Some(good) = history.last_good(&cell, &run.name)? else {
            continue;
        };
        let other = read
            .entry(good.clone())
            .or_insert_with(|| read_run(&good).ok().map(Arc::new));
        if let Some(other) = other
            && let Some(baseline) = baseline(folder, &good, other, &cell)
        {
            let usual = usual(history, &cell, &run.name)?;
            baselines.insert(&scenario.info.name, Baseline { usual, ..baseline });
        }
    }
    Ok(baselines)
}

/// Returns whether a scenario is worth a comparison.
fn failed(scenario: &reports::Scenario) -> bool {
    match scenario.verdict {
        Verdict::Failed | Verdict::Error | Verdict::Flaky => true,
        Verdict::Passed | Verdict::SoftFailed | Verdict::Skipped | Verdict::Cancelled => false,
    }
}

/// Returns the scenarios of another run as baselines, for those scenarios of this run that it has.
///
/// # Errors
/// There is no such run, or its log cannot be read.
pub(crate) fn of_run(folder: &Path, run: &Run, other: &Path) -> Result<Baselines, Failure> {
    let good = other.canonicalize().map_err(|error| {
        Failure::usage(format!("there is no run at `{}`: {error}", other.display()))
            .hint("name the folder of a run: it contains `events.jsonl`")
    })?;
    let other = Arc::new(read_run(&good).map_err(Failure::usage)?);
    let mut baselines = Baselines::default();
    for scenario in &run.scenarios {
        if let Some(baseline) = baseline(folder, &good, &other, &Cell::of(&scenario.info)) {
            baselines.insert(&scenario.info.name, baseline);
        }
    }
    Ok(baselines)
}

fn baseline(folder: &Path, good: &Path, other: &Arc<Run>, cell: &Cell) -> Option<Baseline> {
    let mut scenarios = other.scenarios.iter();
    let scenario = scenarios.find(|scenario| Cell::of(&scenario.info) == *cell)?;
    Some(Baseline {
        folder: seen_from(folder, good),
        run: Arc::clone(other),
        name: scenario.info.name.clone(),
        usual: Vec::new(),
    })
}

fn usual(history: &History, cell: &Cell, before: &str) -> Result<Vec<UsualTime>, HistoryError> {
    let times = history.usual_step_times(cell, before, USUAL_OF)?;
    let usual = times.into_iter().map(|(step, times)| UsualTime {
        stage: step.stage,
        step: step.id,
        text: step.text,
        min_ms: times.durations.min_ms,
        median_ms: times.durations.median_ms,
        max_ms: times.durations.max_ms,
        runs: times.runs,
    });
    Ok(usual.collect())
}

/// Reads the run of a folder.
fn read_run(folder: &Path) -> Result<Run, String> {
    let file = folder.join("events.jsonl");
    let unread = |why: String| format!("`{}` cannot be read: {why}", file.display());
    let bytes = fs::read(&file).map_err(|error| unread(error.to_string()))?;
    // The text of the error contains that of its source already.
    let log = reports::read_log(&bytes).map_err(|error| unread(error.to_string()))?;
    Ok(Run::of(&log.entries))
}

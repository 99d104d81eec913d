//! The result of a run as one JSON document, for programs.
//!
//! The types here are apart from those of the event log and of the fold: both may change, and the names of the document
//! stay. The page `docs/src/report-json.md` of the book has every field.

mod attempt;
mod evidence;
mod machine;
mod scenario;
mod totals;

use serde::Serialize;

use crate::json_text::inert_json;
use crate::log::{FlakyPolicy, Host};
use crate::run::{Run, RunEnd};
use scenario::ScenarioResult;
use totals::Totals;

/// Version of the document. It is raised if a field is removed or renamed or changes its meaning. It is not raised if a
/// field, or a word for something new, is added.
pub const SCHEMA: u32 = 1;

/// A run. Fields that do not apply are absent, here and in all that it contains.
#[derive(Debug, Serialize)]
struct Document<'r> {
    schema: u32,
    run: &'r str,
    folder: &'r str,
    qa_version: &'r str,
    command: &'r [String],
    started: &'r str,
    duration_ms: u64,
    state: &'static str,
    exit_status: u8,
    exit_meaning: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    matrix: Option<&'r str>,
    rules: RulesOfRun,
    hosts: Vec<HostOfRun<'r>>,
    totals: Totals,
    notes: &'r [String],
    scenarios: Vec<ScenarioResult<'r>>,
}

/// The rules by which several attempts are judged.
#[derive(Debug, Serialize)]
struct RulesOfRun {
    flaky_gates: bool,
    confirm: bool,
    repeats: bool,
}

#[derive(Debug, Serialize)]
struct HostOfRun<'r> {
    name: &'r str,
    os: &'r str,
    cores: u32,
    memory_mib: u64,
}

/// Returns the document. `folder` is the run's folder, for the readers of the document: all paths in it start there.
///
/// # Errors
/// None is known: every value of a run can be written.
pub fn json(run: &Run, folder: &str) -> Result<String, serde_json::Error> {
    let document = Document {
        schema: SCHEMA,
        run: &run.name,
        folder,
        qa_version: &run.version,
        command: &run.command,
        started: &run.started,
        duration_ms: run.duration_ms(),
        state: state(run),
        exit_status: run.exit().code(),
        exit_meaning: run.exit_meaning(),
        matrix: run.matrix.as_deref(),
        rules: RulesOfRun {
            flaky_gates: run.rules.flaky == FlakyPolicy::Fail,
            confirm: run.rules.confirm,
            repeats: run.rules.repeats,
        },
        hosts: run.hosts.iter().map(host).collect(),
        totals: Totals::of(run),
        notes: &run.notes,
        scenarios: run
            .scenarios
            .iter()
            .map(|scenario| ScenarioResult::of(run, scenario))
            .collect(),
    };
    let mut text = inert_json(&serde_json::to_string_pretty(&document)?);
    text.push('\n');
    Ok(text)
}

fn state(run: &Run) -> &'static str {
    match run.end {
        RunEnd::Finished { .. } => "finished",
        RunEnd::CutShort { .. } => "cut-short",
        RunEnd::Running { .. } => "running",
    }
}

fn host(host: &Host) -> HostOfRun<'_> {
    HostOfRun {
        name: &host.name,
        os: &host.os,
        cores: host.cores,
        memory_mib: host.memory_mib,
    }
}

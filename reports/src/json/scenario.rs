//! A scenario and its result.

use serde::Serialize;

use super::attempt::{AttemptResult, KnownDefect};
use super::evidence::CauseTold;
use crate::junit::place_of;
use crate::log::{ExitStatus, InputFile, Verdict};
use crate::run::{Finding, Run, Scenario};

/// A scenario and its result.
#[derive(Debug, Serialize)]
pub(super) struct ScenarioResult<'r> {
    name: &'r str,
    scenario: &'r str,
    title: &'r str,
    file: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    image: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_digest: Option<&'r str>,
    machine: &'r str,
    after: &'r [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<&'r str>,
    inputs: Vec<Input<'r>>,
    verdict: Verdict,
    gates: bool,
    duration_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<CauseTold<'r>>,
    findings: Vec<FindingTold>,
    known_defects: Vec<KnownDefect<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deciding_attempt: Option<u32>,
    attempts: Vec<AttemptResult<'r>>,
}

#[derive(Debug, Serialize)]
struct Input<'r> {
    file: &'r str,
    digest: &'r str,
}

/// A result that is no judgement of the system under test.
#[derive(Debug, Serialize)]
struct FindingTold {
    kind: &'static str,
    text: String,
    meaning: &'static str,
    next: &'static str,
}

impl<'r> ScenarioResult<'r> {
    /// Returns the result of a scenario.
    pub(super) fn of(run: &Run, scenario: &'r Scenario) -> Self {
        let info = &scenario.info;
        let attempts = scenario.attempts.iter();
        let defects = attempts.clone().flat_map(|attempt| &attempt.soft_failures);
        let deciding = scenario.deciding_attempt();
        Self {
            name: &info.name,
            scenario: info.own_name(),
            title: &info.title,
            file: &info.file,
            line: place_of(scenario).map(|(_, line)| line),
            image: &info.image,
            image_digest: info.image_digest.as_deref(),
            machine: &info.machine,
            after: &info.after,
            part: info.part.as_deref(),
            inputs: info.inputs.iter().map(input).collect(),
            verdict: scenario.verdict,
            gates: run.gate_of(scenario) != ExitStatus::Success,
            duration_ms: scenario.duration_ms(),
            cause: scenario.cause.as_ref().map(CauseTold::of),
            findings: scenario.findings.iter().map(finding).collect(),
            known_defects: defects.map(KnownDefect::of).collect(),
            deciding_attempt: deciding.map(|attempt| attempt.number),
            attempts: attempts.map(AttemptResult::of).collect(),
        }
    }
}

fn input(input: &InputFile) -> Input<'_> {
    Input {
        file: &input.file,
        digest: &input.digest,
    }
}

fn finding(finding: &Finding) -> FindingTold {
    FindingTold {
        kind: match finding {
            Finding::CheckpointBlamed { .. } => "checkpoint-blamed",
            Finding::NotConfirmed { .. } => "not-confirmed",
            Finding::NotWatched { .. } => "not-watched",
            Finding::OldClock { .. } => "old-clock",
            Finding::EvidenceLost { .. } => "evidence-lost",
        },
        text: finding.text(),
        meaning: finding.meaning(),
        next: finding.next(),
    }
}

//! What the history keeps of a run, made from the run as reports see it.

use std::collections::{BTreeMap, BTreeSet};

use reports::console::plain_line;
use reports::{
    Attempt, Cause, Look, Run, Scenario, StageEntry, StartedFrom, StepOutcome, Verdict, Wanted,
};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::cell::Cell;

/// The longest line of a cause that is kept, in characters. Reports have the whole text.
const LONGEST_LINE: usize = 500;

/// A run: its results.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RunRecord {
    /// When it began, in nanoseconds since 1970. 0 if the log has no such time.
    pub began: i64,
    /// The results of whole scenarios. A part of a scenario has no result.
    pub results: Vec<ResultRecord>,
}

/// The result of a cell in a run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ResultRecord {
    /// The cell.
    pub cell: Cell,
    /// The verdict over all attempts.
    pub verdict: Verdict,
    /// The reason why it is not `passed`.
    pub cause: Option<CauseRecord>,
    /// The time of the attempt that the verdict rests on, in milliseconds. 0 if there was no attempt.
    pub duration_ms: u64,
    /// The number of attempts.
    pub attempts: u64,
    /// The origin of the attempt that the verdict rests on; none if there was no attempt.
    pub origin: Option<Origin>,
    /// The digest of the image; none if the log has none.
    pub image_digest: Option<String>,
    /// The steps of the attempt that the verdict rests on. Of a step that ran several times, it is the last time.
    pub steps: Vec<StepRecord>,
    /// The needles that looks of all attempts compared, by name.
    pub needles: BTreeMap<String, NeedleRecord>,
    /// The tags that `gone` steps looked for. The log does not name the needles of such a look.
    pub gone: BTreeSet<String>,
}

/// The reason of a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CauseRecord {
    /// Its kind, as the event log writes it: `deadline`.
    pub kind: String,
    /// The first line of its text.
    pub line: String,
}

/// The origin of an attempt's machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It was switched on.
    PowerOn,
    /// It was left by this scenario, in the same run.
    Continued(String),
    /// It was restored from the checkpoint at the end of this scenario.
    Checkpoint(String),
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StepRecord {
    /// The scenario in which it is written.
    pub stage: String,
    /// Place in the stage: `3`, or `3.1` inside a group.
    pub id: String,
    /// One line for people.
    pub text: String,
    /// Its outcome; none if the log stops before its end.
    pub outcome: Option<StepOutcome>,
    /// The time that it took, in milliseconds.
    pub duration_ms: u64,
    /// The time from the last action to the wanted picture, in milliseconds; none if it did not look for one.
    pub after_ms: Option<u64>,
    /// True if steps of its own follow it.
    pub is_group: bool,
}

/// A needle in a run of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct NeedleRecord {
    /// How often a look found it.
    pub matched: u64,
    /// How often a look wanted it and did not find it.
    pub missed: u64,
    /// The smallest reserve of all matches: the similarity of the worst area minus the required one. None if the needle
    /// did not match, and if it has no area that is compared.
    pub reserve: Option<f64>,
}

impl RunRecord {
    /// Returns what the history keeps of a run.
    pub(crate) fn of(run: &Run) -> Self {
        let whole = run
            .scenarios
            .iter()
            .filter(|scenario| scenario.info.part.is_none());
        Self {
            began: nanoseconds(&run.started),
            results: whole.map(ResultRecord::of).collect(),
        }
    }
}

/// Returns a time of RFC 3339 in nanoseconds since 1970; 0 if it is no such time.
pub(super) fn nanoseconds(time: &str) -> i64 {
    let parsed = OffsetDateTime::parse(time, &Rfc3339);
    let since = parsed
        .map(OffsetDateTime::unix_timestamp_nanos)
        .unwrap_or(0);
    i64::try_from(since).unwrap_or(0)
}

/// Returns a number as the database can hold it.
fn bounded(number: u64) -> u64 {
    number.min(i64::MAX.unsigned_abs())
}

impl ResultRecord {
    fn of(scenario: &Scenario) -> Self {
        let decided = scenario.deciding_attempt();
        let mut needles = BTreeMap::new();
        let mut gone = BTreeSet::new();
        let steps = scenario.attempts.iter().flat_map(Attempt::steps);
        for look in steps.filter_map(|step| step.evidence.look.as_ref()) {
            count(look, &mut needles, &mut gone);
        }
        Self {
            cell: Cell::of(&scenario.info),
            verdict: scenario.verdict,
            cause: scenario.cause.as_ref().map(CauseRecord::of),
            duration_ms: bounded(decided.map_or(0, |attempt| attempt.duration_ms)),
            attempts: scenario.attempts.len() as u64,
            origin: decided.map(|attempt| Origin::of(&attempt.from)),
            image_digest: scenario.info.image_digest.clone(),
            steps: decided.map(steps_of).unwrap_or_default(),
            needles,
            gone,
        }
    }
}

fn count(look: &Look, needles: &mut BTreeMap<String, NeedleRecord>, gone: &mut BTreeSet<String>) {
    if let Some(matched) = &look.matched {
        let needle = needles.entry(matched.needle.clone()).or_default();
        needle.matched += 1;
        let worst = matched.worst_area();
        let reserve = worst.map(|(_, area)| area.similarity - area.required);
        if let Some(reserve) = reserve.filter(|reserve| reserve.is_finite()) {
            needle.reserve = Some(needle.reserve.map_or(reserve, |least| least.min(reserve)));
        }
    }
    match look.wanted {
        Wanted::Present => {
            for missed in &look.candidates {
                needles.entry(missed.needle.clone()).or_default().missed += 1;
            }
        }
        // Here a needle that does not match is as it must be.
        Wanted::Absent => {
            gone.insert(look.query.clone());
        }
    }
}

fn steps_of(attempt: &Attempt) -> Vec<StepRecord> {
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut steps: Vec<StepRecord> = Vec::new();
    for stage in &attempt.stages {
        for entry in &stage.entries {
            let step = match entry {
                StageEntry::Step(step) => step,
                StageEntry::Remark { .. } => continue,
            };
            let record = StepRecord {
                stage: stage.name.clone(),
                id: step.id.clone(),
                text: plain_line(&step.text),
                outcome: step.outcome,
                duration_ms: bounded(step.duration_ms),
                after_ms: step.evidence.after_ms.map(bounded),
                is_group: step.is_group,
            };
            // A step in a group with `retry` may have run several times.
            match places.get(&(stage.name.as_str(), step.id.as_str())) {
                Some(place) => steps[*place] = record,
                None => {
                    places.insert((&stage.name, &step.id), steps.len());
                    steps.push(record);
                }
            }
        }
    }
    steps
}

impl CauseRecord {
    fn of(cause: &Cause) -> Self {
        let kind = match serde_json::to_value(&cause.kind) {
            Ok(serde_json::Value::String(kind)) => kind,
            // The kind of a watch has the name of the watch with it.
            Ok(serde_json::Value::Object(kind)) => kind.keys().next().cloned().unwrap_or_default(),
            Ok(_) | Err(_) => String::new(),
        };
        let line = cause.message.lines().next().unwrap_or_default();
        Self {
            kind,
            line: plain_line(line).chars().take(LONGEST_LINE).collect(),
        }
    }
}

impl Origin {
    /// Returns the origin of an attempt.
    pub(crate) fn of(from: &StartedFrom) -> Self {
        match from {
            StartedFrom::PowerOn => Self::PowerOn,
            StartedFrom::Continued { scenario } => Self::Continued(scenario.clone()),
            StartedFrom::Checkpoint { scenario, .. } => Self::Checkpoint(scenario.clone()),
        }
    }

    /// Returns the scenario after which the attempt begins; none if it begins at power-on. Times of attempts that begin
    /// at the same place can be compared.
    pub(crate) fn begins_after(&self) -> Option<&str> {
        match self {
            Self::PowerOn => None,
            Self::Continued(scenario) | Self::Checkpoint(scenario) => Some(scenario),
        }
    }

    /// Returns the word for its kind, as the event log writes it.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::PowerOn => "power-on",
            Self::Continued(_) => "continued",
            Self::Checkpoint(_) => "checkpoint",
        }
    }

    /// Makes an origin of its word and its scenario; none if they fit no origin.
    pub(super) fn stored(word: &str, scenario: Option<String>) -> Option<Self> {
        match (word, scenario) {
            ("power-on", None) => Some(Self::PowerOn),
            ("continued", Some(scenario)) => Some(Self::Continued(scenario)),
            ("checkpoint", Some(scenario)) => Some(Self::Checkpoint(scenario)),
            _ => None,
        }
    }
}

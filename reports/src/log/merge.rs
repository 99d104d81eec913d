//! Logs of parts of one run, written on several hosts, become one log.

use std::collections::{BTreeMap, BTreeSet};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::entry::{Entry, FORMAT};
use super::event::Event;
use super::read::Log;
use super::start::{Host, ScenarioInfo};
use super::verdict::Rules;

/// Logs cannot be merged.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There is none.
    #[error("there are no event logs to merge")]
    Nothing,
    /// A log does not begin as every log does.
    #[error("log {number} of {all} does not begin with a run")]
    NoBeginning {
        /// Its place among the logs, from 1.
        number: usize,
        /// The number of logs.
        all: usize,
    },
    /// A log does not tell when its run began.
    #[error("{log} began at `{started}`, which is not a time: its events cannot be put in order")]
    NoTime {
        /// The run and its host.
        log: String,
        /// The text that is no time.
        started: String,
    },
    /// Logs are of runs that have nothing to do with each other.
    #[error("{first} and {other} are not parts of one run: they differ in {what}")]
    Different {
        /// A run and its host.
        first: String,
        /// Another run and its host.
        other: String,
        /// The part of the beginning that differs.
        what: &'static str,
    },
    /// Scenarios have results in several logs.
    #[error("{}", overlaps(.0))]
    Overlap(Vec<Overlap>),
}

/// A scenario that has results in several logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// Name of the scenario in its run.
    pub scenario: String,
    /// The runs and their hosts.
    pub logs: Vec<String>,
}

fn overlaps(overlaps: &[Overlap]) -> String {
    let each = overlaps.iter().map(|overlap| {
        format!(
            "`{}` is in {}",
            overlap.scenario,
            overlap.logs.join(" and ")
        )
    });
    format!(
        "some scenarios are in several event logs, but only one result of each can count: {}",
        each.collect::<Vec<_>>().join("; ")
    )
}

/// One of several logs.
#[derive(Debug)]
struct Part {
    began: OffsetDateTime,
    /// The run and its host, for people.
    name: String,
    /// The first entry.
    first: Entry,
    /// The facts of the first entry.
    beginning: Beginning,
    /// All other entries.
    rest: Vec<Entry>,
}

/// The parts of the first entry that are compared or joined.
#[derive(Debug, Clone)]
struct Beginning {
    version: String,
    matrix: Option<String>,
    rules: Rules,
    hosts: Vec<Host>,
    scenarios: Vec<ScenarioInfo>,
}

impl Log {
    /// Makes one log of logs whose scenarios are parts of one run. The order in which they are given does not matter.
    ///
    /// Events are sorted by time. Events of one log keep their order. Times count from the beginning of the run that
    /// began first. If the clocks of two hosts differ, the events of one log are shifted against those of the other; no
    /// verdict depends on that. Name and command line are those of the run that began first. Every log keeps its own
    /// end, so a log that stops early does not affect the scenarios of the others.
    ///
    /// # Errors
    /// When two logs have results of the same scenario, or are no parts of one run.
    pub fn merge(logs: Vec<Self>) -> Result<Self, MergeError> {
        let all = logs.len();
        let mut parts = Vec::with_capacity(all);
        for (number, log) in (1..).zip(logs) {
            parts.push(Part::of(log, number, all)?);
        }
        parts.sort_by(|a, b| (a.began, &a.name).cmp(&(b.began, &b.name)));
        refuse_overlaps(&parts)?;
        let Some((first, others)) = parts.split_first() else {
            return Err(MergeError::Nothing);
        };
        let (began, several) = (first.began, !others.is_empty());
        let mut entries = vec![beginning(first, others)?];
        let parts = parts
            .into_iter()
            .map(|part| part.on_the_clock_of(began, several));
        entries.extend(by_time(parts.collect()));
        for (seq, entry) in (0..).zip(&mut entries) {
            entry.envelope.seq = seq;
        }
        Ok(Self {
            entries,
            torn_line: None,
        })
    }
}

impl Part {
    fn of(log: Log, number: usize, all: usize) -> Result<Self, MergeError> {
        let mut entries = log.entries.into_iter();
        let first = entries
            .next()
            .ok_or(MergeError::NoBeginning { number, all })?;
        let Event::RunStarted {
            version,
            run,
            started,
            hosts,
            matrix,
            scenarios,
            rules,
            format: _,
            command: _,
        } = &first.event
        else {
            return Err(MergeError::NoBeginning { number, all });
        };
        let names: Vec<&str> = hosts.iter().map(|host| host.name.as_str()).collect();
        let name = format!("run {run} on {}", names.join(", "));
        let Ok(began) = OffsetDateTime::parse(started, &Rfc3339) else {
            let started = started.clone();
            return Err(MergeError::NoTime { log: name, started });
        };
        let beginning = Beginning {
            version: version.clone(),
            matrix: matrix.clone(),
            rules: *rules,
            hosts: hosts.clone(),
            scenarios: scenarios.clone(),
        };
        Ok(Self {
            began,
            name,
            first,
            beginning,
            rest: entries.collect(),
        })
    }

    /// Returns the scenarios that the log announces or has events of.
    fn scenarios(&self) -> BTreeSet<&str> {
        let announced = self.beginning.scenarios.iter();
        let announced = announced.map(|info| info.name.as_str());
        let told = self.rest.iter().filter_map(Entry::scenario);
        announced.chain(told).collect()
    }

    /// Returns the entries after the beginning, with times that count from `began`.
    fn on_the_clock_of(self, began: OffsetDateTime, several: bool) -> Vec<Entry> {
        let later = (self.began - began).whole_milliseconds();
        let later = u64::try_from(later).unwrap_or(0);
        let own: Vec<String> = self.scenarios().into_iter().map(str::to_owned).collect();
        let entries = self.rest.into_iter().map(|mut entry| {
            entry.envelope.at_ms = entry.envelope.at_ms.saturating_add(later);
            delay(&mut entry.event, later);
            if let Event::RunFinished { scenarios, .. } = &mut entry.event
                && several
                && scenarios.is_none()
            {
                *scenarios = Some(own.clone());
            }
            entry
        });
        entries.collect()
    }
}

/// Adds `later` milliseconds to the times in an event that count from the beginning of the run. The match names every
/// event, so that a new one cannot be forgotten here. Durations stay as they are.
fn delay(event: &mut Event, later: u64) {
    match event {
        Event::Input { done_ms: since, .. }
        | Event::Shot {
            shown_ms: since, ..
        }
        | Event::RunFinished {
            duration_ms: since, ..
        } => {
            *since = since.saturating_add(later);
        }
        Event::RunStarted { .. }
        | Event::ScenarioStarted { .. }
        | Event::MachineStarted { .. }
        | Event::StageStarted { .. }
        | Event::StepStarted { .. }
        | Event::StepFinished { .. }
        | Event::Machine { .. }
        | Event::Note { .. }
        | Event::SoftFailure { .. }
        | Event::CheckpointSaved { .. }
        | Event::CheckpointUnusable { .. }
        | Event::CheckpointBlamed { .. }
        | Event::NotWatched { .. }
        | Event::OldClock { .. }
        | Event::EvidenceLost { .. }
        | Event::FilmThinned { .. }
        | Event::Compared { .. }
        | Event::Serial { .. }
        | Event::ScenarioFinished { .. } => {}
    }
}

fn refuse_overlaps(parts: &[Part]) -> Result<(), MergeError> {
    let mut holders: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for part in parts {
        for scenario in part.scenarios() {
            holders.entry(scenario).or_default().push(part.name.clone());
        }
    }
    let overlaps: Vec<Overlap> = holders
        .into_iter()
        .filter(|(_, logs)| logs.len() > 1)
        .map(|(scenario, logs)| Overlap {
            scenario: scenario.to_owned(),
            logs,
        })
        .collect();
    match overlaps.is_empty() {
        true => Ok(()),
        false => Err(MergeError::Overlap(overlaps)),
    }
}

/// Returns the first entry of the merged log.
fn beginning(first: &Part, others: &[Part]) -> Result<Entry, MergeError> {
    let mut whole = first.beginning.clone();
    let mut versions = vec![whole.version.clone()];
    for part in others {
        let other = &part.beginning;
        let matrix = (whole.matrix != other.matrix).then_some("the matrix");
        let rules = (whole.rules != other.rules).then_some("the rules for judging attempts");
        if let Some(what) = matrix.or(rules) {
            return Err(MergeError::Different {
                first: first.name.clone(),
                other: part.name.clone(),
                what,
            });
        }
        if !versions.contains(&other.version) {
            versions.push(other.version.clone());
        }
        for host in &other.hosts {
            if !whole.hosts.contains(host) {
                whole.hosts.push(host.clone());
            }
        }
        whole.scenarios.extend_from_slice(&other.scenarios);
    }
    let mut entry = first.first.clone();
    if let Event::RunStarted {
        format,
        version,
        hosts,
        scenarios,
        ..
    } = &mut entry.event
    {
        *format = FORMAT;
        *version = versions.join(", ");
        *hosts = whole.hosts;
        *scenarios = whole.scenarios;
    }
    Ok(entry)
}

/// Sorts entries by time. Entries of one part keep their order. If times are equal, the part that began first comes
/// first.
fn by_time(parts: Vec<Vec<Entry>>) -> Vec<Entry> {
    let mut parts: Vec<_> = parts
        .into_iter()
        .map(|entries| entries.into_iter().peekable())
        .collect();
    let mut merged = Vec::new();
    loop {
        let heads = parts.iter_mut().enumerate().filter_map(|(place, part)| {
            let head = part.peek()?;
            Some((head.envelope.at_ms, place))
        });
        let Some((_, place)) = heads.min() else {
            return merged;
        };
        merged.extend(parts[place].next());
    }
}

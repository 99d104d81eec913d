//! The list of scenarios at the top of the page: a line for each, and one line for many that did not hold for one
//! reason.

use std::collections::HashMap;

use super::link::anchor_of;
use super::mark::mark;
use crate::duration::human_duration;
use crate::log::Verdict;
use crate::plain_text::plain_line;
use crate::run::{Reason, Run, Scenario};

/// From this number of scenarios on, the list can be searched and filtered.
const WORTH_FILTERING: usize = 8;

pub(super) struct ListView {
    /// In the order of the page. A group stands where its first scenario does.
    pub(super) entries: Vec<ListEntry>,
    pub(super) filter: Option<FilterView>,
}

pub(super) enum ListEntry {
    Line(ListLine),
    Group(ListGroup),
}

/// Scenarios with one verdict and one reason.
pub(super) struct ListGroup {
    pub(super) verdict: &'static str,
    pub(super) mark: &'static str,
    pub(super) cause: String,
    pub(super) lines: Vec<ListLine>,
}

pub(super) struct ListLine {
    pub(super) anchor: String,
    pub(super) name: String,
    pub(super) verdict: &'static str,
    pub(super) mark: &'static str,
    pub(super) why: String,
    pub(super) duration: String,
    pub(super) image: String,
    pub(super) machine: String,
}

/// The choices by which the list is filtered. An image or a machine that all scenarios have is no choice.
pub(super) struct FilterView {
    pub(super) verdicts: Vec<(&'static str, usize)>,
    pub(super) images: Vec<String>,
    pub(super) machines: Vec<String>,
}

impl ListView {
    /// Returns the list of the scenarios, in the order of the page; none if there is one scenario at most.
    pub(super) fn of(shown: &[&Scenario], run: &Run) -> Option<Self> {
        if shown.len() < 2 {
            return None;
        }
        let mut counts: HashMap<Reason, usize> = HashMap::new();
        for scenario in shown {
            if let Some(reason) = scenario.reason() {
                *counts.entry(reason).or_default() += 1;
            }
        }
        let mut entries: Vec<ListEntry> = Vec::new();
        let mut places: HashMap<Reason, usize> = HashMap::new();
        for (number, scenario) in (1..).zip(shown) {
            let line = ListLine::of(scenario, number);
            let reason = scenario.reason();
            let Some(reason) = reason.filter(|reason| counts[reason] >= Reason::MANY) else {
                entries.push(ListEntry::Line(line));
                continue;
            };
            let place = *places.entry(reason).or_insert(entries.len());
            match entries.get_mut(place) {
                Some(ListEntry::Group(group)) => group.lines.push(line),
                Some(ListEntry::Line(_)) | None => {
                    entries.push(ListEntry::Group(ListGroup {
                        verdict: scenario.verdict.word(),
                        mark: mark(scenario.verdict),
                        cause: plain_line(reason.first_line),
                        lines: vec![line],
                    }));
                }
            }
        }
        let filter = (shown.len() >= WORTH_FILTERING).then(|| FilterView::of(run));
        Some(Self { entries, filter })
    }
}

impl ListLine {
    fn of(scenario: &Scenario, number: usize) -> Self {
        Self {
            anchor: anchor_of(number),
            name: plain_line(&scenario.info.name),
            verdict: scenario.verdict.word(),
            mark: mark(scenario.verdict),
            why: plain_line(&why(scenario)),
            duration: human_duration(scenario.duration_ms()),
            image: plain_line(&scenario.info.image),
            machine: plain_line(&scenario.info.machine),
        }
    }
}

/// Returns one line about the result: the cause or the known defects, the checkpoint that it began from, and findings.
fn why(scenario: &Scenario) -> String {
    let mut why: Vec<String> = match scenario.why() {
        Some(why) => vec![why],
        None => scenario
            .attempts
            .iter()
            .flat_map(|attempt| &attempt.soft_failures)
            .map(|defect| defect.text())
            .collect(),
    };
    if scenario.verdict == Verdict::Passed {
        why.extend(scenario.checkpoint());
    }
    why.extend(scenario.findings.iter().map(|finding| finding.text()));
    why.join("; ")
}

impl FilterView {
    fn of(run: &Run) -> Self {
        let several = |value: fn(&Scenario) -> &str| {
            let mut values: Vec<String> = Vec::new();
            for scenario in &run.scenarios {
                let value = plain_line(value(scenario));
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            match values.len() {
                0 | 1 => Vec::new(),
                _ => values,
            }
        };
        let counts = run.counts().into_iter();
        Self {
            verdicts: counts
                .map(|(verdict, count)| (verdict.word(), count))
                .collect(),
            images: several(|scenario| &scenario.info.image),
            machines: several(|scenario| &scenario.info.machine),
        }
    }
}

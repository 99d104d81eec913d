//! One scenario of the page: its verdict, its findings and its attempts.

use super::against::AgainstView;
use super::attempt::{AttemptView, CauseView};
use super::link::anchor_of;
use super::mark::{mark, urgency};
use super::outcomes::OutcomesView;
use super::past::PastView;
use crate::duration::human_duration;
use crate::log::Verdict;
use crate::plain_text::plain_line;
use crate::run::{Comparison, Scenario};

pub(super) struct FindingView {
    pub(super) text: String,
    pub(super) meaning: &'static str,
    pub(super) next: &'static str,
}

pub(super) struct ScenarioView {
    pub(super) anchor: String,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) verdict: &'static str,
    pub(super) mark: &'static str,
    pub(super) duration: String,
    pub(super) file: String,
    pub(super) image: String,
    pub(super) digest: Option<String>,
    pub(super) after: String,
    pub(super) soft_failures: Vec<String>,
    pub(super) findings: Vec<FindingView>,
    /// The reason why it was never begun.
    pub(super) not_begun: Option<CauseView>,
    /// The comparison of several attempts.
    pub(super) outcomes: Option<OutcomesView>,
    pub(super) attempts: Vec<AttemptView>,
    /// Its results in earlier runs.
    pub(super) past: Option<PastView>,
    /// True if it is unfolded from the start.
    pub(super) open: bool,
}

impl ScenarioView {
    pub(super) fn of(scenario: &Scenario, number: usize, alone: bool, several_hosts: bool) -> Self {
        let info = &scenario.info;
        let several = scenario.attempts.len() > 1;
        let comparison = Comparison::of(scenario);
        let shown = match &comparison {
            Some(comparison) => comparison.worth_showing(),
            None => (0..scenario.attempts.len()).collect(),
        };
        let anchor = |place: usize| format!("s{number}a{}", place + 1);
        let soft_failures: Vec<_> = scenario
            .attempts
            .iter()
            .flat_map(|attempt| &attempt.soft_failures)
            .map(|defect| plain_line(&defect.text()))
            .collect();
        let findings: Vec<_> = scenario
            .findings
            .iter()
            .map(|finding| FindingView {
                text: plain_line(&finding.text()),
                meaning: finding.meaning(),
                next: finding.next(),
            })
            .collect();
        Self {
            anchor: anchor_of(number),
            name: plain_line(&info.name),
            title: plain_line(&match &info.part {
                Some(_) if info.is_look() => "nothing is judged in a look".to_owned(),
                Some(part) => format!("{} ({part} only)", info.title),
                None => info.title.clone(),
            }),
            verdict: scenario.verdict.word(),
            mark: mark(scenario.verdict),
            duration: human_duration(scenario.duration_ms()),
            file: plain_line(&info.file),
            image: plain_line(&info.image),
            digest: info.image_digest.as_deref().map(plain_line),
            after: info
                .after
                .iter()
                .map(|name| plain_line(name))
                .collect::<Vec<_>>()
                .join(" → "),
            open: alone
                || !findings.is_empty()
                || urgency(scenario.verdict) < urgency(Verdict::Passed),
            soft_failures,
            findings,
            not_begun: match scenario.attempts.is_empty() {
                true => scenario.cause.as_ref().map(CauseView::of),
                false => None,
            },
            past: None,
            outcomes: comparison
                .map(|comparison| OutcomesView::of(scenario, &comparison, &shown, anchor)),
            attempts: in_order(scenario, &shown)
                .into_iter()
                .map(|place| {
                    AttemptView::of(
                        &scenario.attempts[place],
                        &anchor(place),
                        several,
                        several_hosts,
                    )
                })
                .collect(),
        }
    }
}

impl ScenarioView {
    /// Shows the comparison with the last good run, in the attempt that it is about.
    pub(super) fn compare(&mut self, against: Option<AgainstView>) {
        let Some(against) = against else { return };
        let mut attempts = self.attempts.iter_mut();
        if let Some(attempt) = attempts.find(|attempt| attempt.number == against.attempt) {
            attempt.against = Some(against);
        }
    }
}

/// The order in which attempts are shown: as they were made, but of many those first that did not hold.
fn in_order(scenario: &Scenario, shown: &[usize]) -> Vec<usize> {
    let mut order = shown.to_vec();
    if shown.len() < scenario.attempts.len() {
        order.sort_by_key(|place| scenario.attempts[*place].held());
    }
    order
}

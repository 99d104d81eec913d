//! The page as a whole.

use askama::Template;

use super::against::AgainstView;
use super::attempt::{Row, StageView};
use super::facts::hosts;
use super::headline::{headline, overall};
use super::list::{ListEntry, ListView};
use super::mark::{mark, urgency};
use super::matrix::MatrixView;
use super::outcomes::OutcomeRow;
use super::past::PastView;
use super::scenario::ScenarioView;
use crate::duration::human_duration;
use crate::earlier::Earlier;
use crate::log::Verdict;
use crate::plain_text::plain_line;
use crate::run::{Run, Scenario};

/// The most scenarios that are unfolded from the start. A page with a thousand failures must open at once.
const MOST_OPEN: usize = 20;

/// The most findings that stand above the list one by one. More of them are folded.
const MOST_BANNERS: usize = 5;

#[derive(Template)]
#[template(path = "report.html")]
pub(super) struct Page {
    css: &'static str,
    script: &'static str,
    title: String,
    verdict: &'static str,
    mark: &'static str,
    headline: String,
    run: String,
    started: String,
    duration: String,
    exit: String,
    command: String,
    facts: Vec<(&'static str, String)>,
    counts: Vec<(Verdict, usize)>,
    cut_short: bool,
    goes_on: bool,
    notes: Vec<String>,
    /// The result of each combination, of a matrix.
    matrix: Option<MatrixView>,
    /// The number of findings of all scenarios.
    findings: usize,
    /// One line for each scenario, if there are several.
    list: Option<ListView>,
    /// Scenarios that gate come first, because readers look for them.
    scenarios: Vec<ScenarioView>,
}

impl Page {
    pub(super) fn of(run: &Run, earlier: &Earlier) -> Self {
        let mut order: Vec<&Scenario> = run.scenarios.iter().collect();
        order.sort_by_key(|scenario| (urgency(scenario.verdict), scenario.findings.is_empty()));
        let alone = order.len() == 1;
        let several_hosts = run.hosts.len() > 1;
        let mut scenarios: Vec<_> = (1..)
            .zip(order.iter().copied())
            .map(|(number, scenario)| {
                let mut view = ScenarioView::of(scenario, number, alone, several_hosts);
                view.past = PastView::of(earlier.past.of(scenario));
                let baseline = earlier.baselines.of(scenario);
                view.compare(baseline.and_then(|it| AgainstView::of(run, scenario, it)));
                view
            })
            .collect();
        let unfolded = scenarios.iter_mut().filter(|scenario| scenario.open);
        unfolded
            .skip(MOST_OPEN)
            .for_each(|scenario| scenario.open = false);
        let matrix = run
            .matrix
            .as_deref()
            .map(|matrix| MatrixView::of(matrix, run, &order));
        let verdict = overall(run);
        let headline = headline(run);
        let mut facts = hosts(&run.hosts);
        if !run.version.is_empty() {
            facts.push(("qa", plain_line(&run.version)));
        }
        Self {
            css: include_str!("../../templates/report.css"),
            script: concat!(
                include_str!("../../templates/report.js"),
                include_str!("../../templates/list.js"),
                include_str!("../../templates/overlay.js"),
                include_str!("../../templates/crop.js"),
                include_str!("../../templates/film.js")
            ),
            title: format!("{headline} · {}", plain_line(&run.name)),
            verdict: verdict.word(),
            mark: mark(verdict),
            headline,
            run: plain_line(&run.name),
            started: started(&run.started),
            duration: human_duration(run.duration_ms()),
            exit: format!("{}: {}", run.exit().code(), run.exit_meaning()),
            command: plain_line(&run.command.join(" ")),
            facts,
            counts: run.counts(),
            cut_short: run.is_cut_short(),
            goes_on: run.goes_on(),
            matrix,
            findings: scenarios
                .iter()
                .map(|scenario| scenario.findings.len())
                .sum(),
            list: ListView::of(&order, run),
            notes: run.notes.iter().map(|note| plain_line(note)).collect(),
            scenarios,
        }
    }
}

/// Returns a time of RFC 3339 as `2026-11-24 02:03:04 UTC`. Any other text stays as it is.
fn started(text: &str) -> String {
    let text = plain_line(text);
    match text.strip_suffix('Z').and_then(|text| text.split_once('T')) {
        Some((day, time)) => format!("{day} {} UTC", time.split('.').next().unwrap_or(time)),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_for_people() {
        assert_eq!(started("2026-11-24T02:03:04Z"), "2026-11-24 02:03:04 UTC");
        assert_eq!(
            started("2026-11-24T02:03:04.123Z"),
            "2026-11-24 02:03:04 UTC"
        );
        assert_eq!(started("yesterday"), "yesterday");
    }
}

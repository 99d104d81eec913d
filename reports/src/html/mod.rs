//! `report.html`: one file that opens from disk without a network.
//!
//! Pictures are not copied into it: they are referred to where the run's folder has them, relative to the report.
//! Everything is shaped here into what the templates show, so that these hold no decisions.

mod attempt;
mod evidence;
mod link;
mod matrix;
mod outcomes;
mod picture;

use askama::Template;

use crate::plain_text::plain_line;
use crate::{
    CauseKind, Comparison, ExitStatus, Run, Scenario, Verdict, human_duration, human_size,
};
use attempt::{AttemptView, CauseView, Row};
use matrix::MatrixView;
use outcomes::{OutcomeRow, OutcomesView};

/// The page could not be put together: a defect of `qa`, since no event log may cause it.
#[derive(Debug, thiserror::Error)]
#[error("report.html cannot be put together: {0}")]
pub struct HtmlError(#[from] askama::Error);

/// Makes `report.html`.
///
/// # Errors
/// None that an event log could cause.
pub fn html(run: &Run) -> Result<String, HtmlError> {
    Ok(Page::of(run).render()?)
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
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
    /// What came of each combination, of a matrix.
    matrix: Option<MatrixView>,
    /// What gates first: that is what a reader comes for.
    scenarios: Vec<ScenarioView>,
}

impl Page {
    fn of(run: &Run) -> Self {
        let mut order: Vec<&Scenario> = run.scenarios.iter().collect();
        order.sort_by_key(|scenario| (urgency(scenario.verdict), scenario.findings.is_empty()));
        let alone = order.len() == 1;
        let scenarios: Vec<_> = (1..)
            .zip(order.iter().copied())
            .map(|(number, scenario)| ScenarioView::of(scenario, number, alone))
            .collect();
        let matrix = run
            .matrix
            .as_deref()
            .map(|matrix| MatrixView::of(matrix, run, &order));
        let verdict = overall(run);
        let headline = headline(run);
        let host = run.hosts.first();
        let mut facts = Vec::new();
        if let Some(host) = host {
            facts.push(("host", plain_line(&host.name)));
            if !host.os.is_empty() {
                facts.push(("system", plain_line(&host.os)));
            }
            facts.push((
                "size",
                format!("{} cores, {}", host.cores, memory(host.memory_mib)),
            ));
        }
        if !run.version.is_empty() {
            facts.push(("qa", plain_line(&run.version)));
        }
        Self {
            css: include_str!("../../templates/report.css"),
            script: include_str!("../../templates/report.js"),
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
            notes: run.notes.iter().map(|note| plain_line(note)).collect(),
            scenarios,
        }
    }
}

struct FindingView {
    text: String,
    meaning: &'static str,
    next: &'static str,
}

struct ScenarioView {
    anchor: String,
    name: String,
    title: String,
    verdict: &'static str,
    mark: &'static str,
    duration: String,
    /// One line for the list at the top.
    why: String,
    file: String,
    image: String,
    digest: Option<String>,
    after: String,
    soft_failures: Vec<String>,
    findings: Vec<FindingView>,
    /// Why it was never begun.
    not_begun: Option<CauseView>,
    /// How several attempts compare.
    outcomes: Option<OutcomesView>,
    attempts: Vec<AttemptView>,
    /// Whether it is unfolded from the start.
    open: bool,
}

impl ScenarioView {
    fn of(scenario: &Scenario, number: usize, alone: bool) -> Self {
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
        let mut why: Vec<String> = match scenario.why() {
            Some(why) => vec![plain_line(&why)],
            None => soft_failures.clone(),
        };
        if scenario.verdict == Verdict::Passed {
            why.extend(scenario.checkpoint().map(|from| plain_line(&from)));
        }
        why.extend(findings.iter().map(|finding| finding.text.clone()));
        Self {
            anchor: anchor_of(number),
            name: plain_line(&info.name),
            title: plain_line(&match &info.part {
                Some(part) => format!("{} ({part} only)", info.title),
                None => info.title.clone(),
            }),
            verdict: scenario.verdict.word(),
            mark: mark(scenario.verdict),
            duration: human_duration(scenario.duration_ms()),
            why: why.join("; "),
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
            outcomes: comparison
                .map(|comparison| OutcomesView::of(scenario, &comparison, &shown, anchor)),
            attempts: in_order(scenario, &shown)
                .into_iter()
                .map(|place| AttemptView::of(&scenario.attempts[place], &anchor(place), several))
                .collect(),
        }
    }
}

/// Where the scenario of this number is in the page.
fn anchor_of(number: usize) -> String {
    format!("scenario-{number}")
}

/// The order in which attempts are shown: as they were made, but of many those first that did not hold.
fn in_order(scenario: &Scenario, shown: &[usize]) -> Vec<usize> {
    let mut order = shown.to_vec();
    if shown.len() < scenario.attempts.len() {
        order.sort_by_key(|place| scenario.attempts[*place].held());
    }
    order
}

/// What a reader wants to see first has the lowest number.
fn urgency(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Failed => 0,
        Verdict::Error => 1,
        Verdict::Flaky => 2,
        Verdict::Cancelled => 3,
        Verdict::SoftFailed => 4,
        Verdict::Passed => 5,
        Verdict::Skipped => 6,
    }
}

/// One verdict for the whole page.
fn overall(run: &Run) -> Verdict {
    let worst = run
        .scenarios
        .iter()
        .map(|scenario| scenario.verdict)
        .min_by_key(|verdict| urgency(*verdict));
    match (run.exit(), worst) {
        (ExitStatus::Cancelled, _) => Verdict::Cancelled,
        (_, Some(worst)) => worst,
        (_, None) => Verdict::Skipped,
    }
}

/// What a reader must know first, in one line.
fn headline(run: &Run) -> String {
    let verdict = overall(run);
    let count = run.count(verdict);
    let total = run.scenarios.len();
    let one = |scenario: &Scenario| plain_line(&scenario.info.name);
    let all = match run.matrix {
        Some(_) => "combinations",
        None => "scenarios",
    };
    let kind = |scenario: &Scenario| scenario.cause.as_ref().map(|cause| cause.kind.clone());
    if run.goes_on() {
        let open = |scenario: &&Scenario| kind(scenario) == Some(CauseKind::Unfinished);
        let ended = total - run.scenarios.iter().filter(open).count();
        return format!("The run goes on: {ended} of {total} {all} ended");
    }
    match (verdict, run.scenarios.as_slice()) {
        (_, []) => "No scenario ran".to_owned(),
        (Verdict::Error, [only]) => format!("{} broke off with an error", one(only)),
        (Verdict::Flaky, [only]) => format!("{} is flaky", one(only)),
        (Verdict::Cancelled, [only]) => format!("{} was cancelled", one(only)),
        (Verdict::Skipped, [only]) if kind(only) == Some(CauseKind::Partial) => {
            format!("{} held in part", one(only))
        }
        (Verdict::Skipped, [only]) => format!("{} was skipped", one(only)),
        (verdict, [only]) => format!("{} {verdict}", one(only)),
        (Verdict::Passed, _) if count == total => format!("All {total} {all} passed"),
        (Verdict::Cancelled, _) => format!("Cancelled, {count} of {total} {all} not judged"),
        (Verdict::Error, _) => format!("{count} of {total} {all} broke off with an error"),
        (verdict, _) => format!("{count} of {total} {all} {verdict}"),
    }
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "✓",
        Verdict::SoftFailed | Verdict::Flaky => "~",
        Verdict::Failed => "✗",
        Verdict::Error => "!",
        Verdict::Skipped => "–",
        Verdict::Cancelled => "■",
    }
}

/// `2026-11-24 02:03:04 UTC` from RFC 3339; anything else as it is.
fn started(text: &str) -> String {
    let text = plain_line(text);
    match text.strip_suffix('Z').and_then(|text| text.split_once('T')) {
        Some((day, time)) => format!("{day} {} UTC", time.split('.').next().unwrap_or(time)),
        None => text,
    }
}

fn memory(mib: u64) -> String {
    human_size(mib.saturating_mul(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_are_for_people() {
        assert_eq!(started("2026-11-24T02:03:04Z"), "2026-11-24 02:03:04 UTC");
        assert_eq!(
            started("2026-11-24T02:03:04.123Z"),
            "2026-11-24 02:03:04 UTC"
        );
        assert_eq!(started("yesterday"), "yesterday");
        assert_eq!(memory(7_933), "7.7 GiB");
    }
}

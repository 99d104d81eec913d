//! The results of several attempts at a scenario, as a table.

use super::mark::mark;
use crate::duration::human_duration;
use crate::log::Verdict;
use crate::number_ranges::number_ranges;
use crate::plain_text::plain_line;
use crate::run::ended_at;
use crate::run::{Attempt, Comparison, Durations, Scenario, StepName};

/// If there are more attempts than this, those that passed one after the other share a row.
const ROWS: usize = 10;

pub(super) struct OutcomesView {
    pub(super) headline: String,
    pub(super) rows: Vec<OutcomeRow>,
    /// Steps whose outcome varied, with the number of each outcome.
    pub(super) varied: Vec<(StepView, String)>,
    pub(super) spreads: Vec<SpreadView>,
    /// Attempts that are in the table alone.
    pub(super) not_shown: usize,
}

pub(super) enum OutcomeRow {
    One(OneAttempt),
    /// Several that passed, one after the other.
    Passed {
        numbers: String,
        count: usize,
        time: String,
        each: Vec<OneAttempt>,
    },
}

pub(super) struct OneAttempt {
    pub(super) number: u32,
    /// The place of its steps in the page, if they are shown.
    pub(super) anchor: Option<String>,
    pub(super) verdict: &'static str,
    pub(super) mark: &'static str,
    pub(super) duration: String,
    pub(super) ended_at: Option<StepView>,
    pub(super) from: String,
}

/// A step: its place in a file, and its text.
pub(super) struct StepView {
    pub(super) place: String,
    pub(super) text: String,
}

pub(super) struct SpreadView {
    pub(super) step: StepView,
    pub(super) min: String,
    pub(super) median: String,
    pub(super) max: String,
}

impl OutcomesView {
    /// `shown` has the places of the attempts that are shown step by step, `anchor` their names in the page.
    pub(super) fn of(
        scenario: &Scenario,
        comparison: &Comparison<'_>,
        shown: &[usize],
        anchor: impl Fn(usize) -> String,
    ) -> Self {
        let one = |place: usize, attempt: &Attempt| OneAttempt {
            number: attempt.number,
            anchor: shown.contains(&place).then(|| anchor(place)),
            verdict: attempt.verdict.word(),
            mark: mark(attempt.verdict),
            duration: human_duration(attempt.duration_ms),
            ended_at: ended_at(attempt).map(StepView::of),
            from: plain_line(&attempt.from.text()),
        };
        let folds = scenario.attempts.len() > ROWS;
        let mut rows = Vec::new();
        let mut place = 0;
        let passed = |attempt: &Attempt| attempt.verdict == Verdict::Passed;
        for run in scenario
            .attempts
            .chunk_by(|one, other| folds && passed(one) && passed(other))
        {
            let each = (place..)
                .zip(run)
                .map(|(place, attempt)| one(place, attempt));
            let time = Durations::of(run.iter().map(|attempt| attempt.duration_ms));
            match time {
                Some(time) if run.len() > 1 => rows.push(OutcomeRow::Passed {
                    numbers: number_ranges(run.iter().map(|attempt| attempt.number)),
                    count: run.len(),
                    time: time.text(),
                    each: each.collect(),
                }),
                Some(_) | None => rows.extend(each.map(OutcomeRow::One)),
            }
            place += run.len();
        }
        Self {
            headline: headline(scenario),
            rows,
            varied: comparison
                .varied
                .iter()
                .map(|varied| (StepView::of(varied.step), varied.counts()))
                .collect(),
            spreads: comparison
                .spreads
                .iter()
                .map(|spread| SpreadView {
                    step: StepView::of(spread.step),
                    min: human_duration(spread.durations.min_ms),
                    median: human_duration(spread.durations.median_ms),
                    max: human_duration(spread.durations.max_ms),
                })
                .collect(),
            not_shown: scenario.attempts.len() - shown.len(),
        }
    }
}

impl StepView {
    fn of(step: StepName<'_>) -> Self {
        Self {
            place: plain_line(&step.place()),
            text: plain_line(step.text),
        }
    }
}

/// Returns the counts: `40 attempts: 37 passed, 3 failed`.
fn headline(scenario: &Scenario) -> String {
    let counts = Verdict::ALL.into_iter().filter_map(|verdict| {
        let came = |attempt: &&Attempt| attempt.verdict == verdict;
        let count = scenario.attempts.iter().filter(came).count();
        (count > 0).then(|| format!("{count} {verdict}"))
    });
    format!(
        "{} attempts: {}",
        scenario.attempts.len(),
        counts.collect::<Vec<_>>().join(", ")
    )
}

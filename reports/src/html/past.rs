//! The last results of a scenario: a square for each, and what they say together.

use super::link::link_in;
use crate::duration::human_duration;
use crate::earlier::PastResult;
use crate::log::Verdict;
use crate::plain_text::plain_line;

pub(super) struct PastView {
    pub(super) results: Vec<SquareView>,
    /// `9 of 10 held, 1 flaky, usually 42s`.
    pub(super) words: String,
}

pub(super) struct SquareView {
    pub(super) address: Option<String>,
    pub(super) verdict: &'static str,
    pub(super) text: String,
}

impl PastView {
    /// Returns the view of results, the oldest first; none without a result.
    pub(super) fn of(oldest_first: &[PastResult]) -> Option<Self> {
        if oldest_first.is_empty() {
            return None;
        }
        let results = oldest_first.iter().map(|result| SquareView {
            address: link_in(&result.folder, "report.html"),
            verdict: result.verdict.word(),
            text: format!(
                "{}: {} in {}",
                plain_line(&result.run),
                result.verdict,
                human_duration(result.duration_ms)
            ),
        });
        Some(Self {
            results: results.collect(),
            words: words(oldest_first),
        })
    }
}

fn words(results: &[PastResult]) -> String {
    let count = |verdicts: &[Verdict]| {
        let these = results
            .iter()
            .filter(|result| verdicts.contains(&result.verdict));
        these.count()
    };
    let held = count(&[Verdict::Passed, Verdict::SoftFailed]);
    let judged = held + count(&[Verdict::Flaky, Verdict::Failed]);
    let mut words = match judged {
        0 => Vec::new(),
        _ => vec![format!("{held} of {judged} held")],
    };
    for verdict in [
        Verdict::Flaky,
        Verdict::Error,
        Verdict::Skipped,
        Verdict::Cancelled,
    ] {
        match count(&[verdict]) {
            0 => {}
            number => words.push(format!("{number} {verdict}")),
        }
    }
    if let Some(usual) = usual_ms(results) {
        words.push(format!("usually {}", human_duration(usual)));
    }
    words.join(", ")
}

/// Returns the middle one of the times that can be compared.
fn usual_ms(results: &[PastResult]) -> Option<u64> {
    let comparable = results.iter().filter(|result| {
        result.began_alike && matches!(result.verdict, Verdict::Passed | Verdict::SoftFailed)
    });
    let mut times: Vec<u64> = comparable.map(|result| result.duration_ms).collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Error, Failed, Flaky, Passed};

    fn past(results: &[(Verdict, u64, bool)]) -> Vec<PastResult> {
        let result =
            |(number, (verdict, seconds, began_alike)): (u32, &(Verdict, u64, bool))| PastResult {
                folder: format!("../run-{number}"),
                run: format!("run-{number}"),
                verdict: *verdict,
                duration_ms: 1000 * seconds,
                began_alike: *began_alike,
            };
        (1..).zip(results).map(result).collect()
    }

    #[test]
    fn errors_judge_nothing_and_only_times_from_the_same_beginning_count() {
        for (results, expected) in [
            (
                &[(Passed, 40, true), (Failed, 1, true)][..],
                "1 of 2 held, usually 40s",
            ),
            (
                &[(Flaky, 50, true), (Error, 1, true)],
                "0 of 1 held, 1 flaky, 1 error",
            ),
            (&[(Error, 2, true)], "1 error"),
            (
                &[
                    (Passed, 900, false),
                    (Passed, 30, true),
                    (Passed, 32, true),
                    (Passed, 31, true),
                ],
                "4 of 4 held, usually 31s",
            ),
        ] {
            assert_eq!(words(&past(results)), expected);
        }
    }

    #[test]
    fn each_result_leads_to_its_report() {
        let view = PastView::of(&past(&[(Passed, 40, true)])).expect("a view");
        let square = &view.results[0];
        assert_eq!(square.address.as_deref(), Some("../run-1/report.html"));
        assert_eq!(square.text, "run-1: passed in 40s");
        assert!(PastView::of(&[]).is_none());
    }
}

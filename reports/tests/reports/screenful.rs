//! The summary of a run that does not fit one screen.

use proptest::prelude::*;
use reports::console::{SummaryStyle, columns, summary};
use reports::{Cause, Run, Scenario, Verdict};

use crate::sample::{RUNS, log_of};

const SCREEN: SummaryStyle<'_> = SummaryStyle {
    colour: false,
    width: 80,
    rows: Some(24),
    report: Some("qa-results/20261124-020304/report.html"),
};

/// A run of many scenarios that passed, some of which are changed.
fn many(count: usize, mut change: impl FnMut(usize, &mut Scenario)) -> Run {
    let mut run = Run::of(&log_of("failed-look"));
    let failed = run.scenarios[0].clone();
    run.scenarios = (0..count).map(|_| failed.clone()).collect();
    for (number, scenario) in run.scenarios.iter_mut().enumerate() {
        scenario.info.name = format!("scenario-{number}@gnome+desktop");
        change(number, scenario);
    }
    run
}

fn comes_to(scenario: &mut Scenario, verdict: Verdict, message: &str) {
    scenario.verdict = verdict;
    scenario.cause = scenario.cause.take().map(|cause| Cause {
        message: message.to_owned(),
        ..cause
    });
    if verdict == Verdict::Passed {
        scenario.cause = None;
    }
}

fn rows(text: &str, width: usize) -> usize {
    let rows = |line: &str| columns(line).div_ceil(width).max(1);
    text.lines().map(rows).sum()
}

#[test]
fn many_results_fit_one_screen() {
    let run = many(300, |number, scenario| match number {
        7..=20 => comes_to(
            scenario,
            Verdict::Failed,
            "no needle tagged `gnome-overview` matched within 3m: the screen is black",
        ),
        21 => comes_to(scenario, Verdict::Error, "this host lacks swtpm"),
        22 => comes_to(scenario, Verdict::Failed, "the guest's kernel panicked"),
        _ => comes_to(scenario, Verdict::Passed, ""),
    });
    let shown = summary(&run, SCREEN);
    assert!(rows(&shown, 80) < 24, "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn failures_without_room_are_counted() {
    let run = many(100, |number, scenario| {
        comes_to(scenario, Verdict::Failed, &format!("reason {number}"));
    });
    for height in 10..40 {
        let style = SummaryStyle {
            rows: Some(height),
            ..SCREEN
        };
        let shown = summary(&run, style);
        assert!(rows(&shown, 80) < height, "{height}: {shown}");
        let listed = shown
            .lines()
            .filter(|line| line.starts_with("failed "))
            .count();
        let more = format!("… and {} more, see the report", 100 - listed);
        assert!(shown.contains(&more), "{height}: {shown}");
        assert!(shown.contains("report: qa-results/"), "{height}: {shown}");
    }
}

#[test]
fn a_summary_that_fits_is_whole() {
    for name in RUNS {
        let run = Run::of(&log_of(name));
        let whole = summary(
            &run,
            SummaryStyle {
                rows: None,
                ..SCREEN
            },
        );
        let fits = rows(&whole, 80) + 1;
        let at = |rows| {
            summary(
                &run,
                SummaryStyle {
                    rows: Some(rows),
                    ..SCREEN
                },
            )
        };
        assert_eq!(at(fits), whole, "{name}");
        assert!(rows(&at(24), 80) < 24, "{name}: {}", at(24));
    }
}

#[test]
fn one_failure_with_much_evidence_keeps_what_is_most_important() {
    let run = Run::of(&log_of("watch-breach"));
    let style = SummaryStyle {
        rows: Some(14),
        ..SCREEN
    };
    insta::assert_snapshot!(summary(&run, style));
}

proptest! {
    #[test]
    fn whatever_comes_out_fits(
        results in prop::collection::vec((0_usize..7, "\\PC{0,120}"), 0..60),
        width in 40_usize..200,
        height in 12_usize..60,
        colour in any::<bool>(),
    ) {
        let run = many(results.len(), |number, scenario| {
            let (verdict, message) = &results[number];
            comes_to(scenario, Verdict::ALL[*verdict], message);
        });
        let style = SummaryStyle { colour, width, rows: Some(height), ..SCREEN };
        let shown = summary(&run, style);
        let mut plain = String::new();
        for (place, part) in shown.split("\x1b[").enumerate() {
            plain.push_str(match part.split_once('m') {
                Some((_, rest)) if place > 0 => rest,
                _ => part,
            });
        }
        prop_assert!(rows(&plain, width) < height, "{shown}");
    }
}

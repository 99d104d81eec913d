//! What several attempts at a scenario come to.

use crate::sample::{Writer, log_of};
use reports::{
    Cause, CauseKind, Comparison, Event, Evidence, ExitStatus, Finding, Run, StartedFrom,
    StepOutcome, Verdict, console, junit,
};

/// A run of one scenario with these attempts, each from power-on unless it says `earlier`.
fn log(attempts: &[(Verdict, StartedFrom)]) -> Writer {
    let mut log = Writer::new(&[("a", "", &[])]);
    for (number, (verdict, from)) in (1..).zip(attempts) {
        log.begin_from("a", number, from.clone())
            .stage("a", 1)
            .held("1", "see x", 5);
        let cause = (!matches!(verdict, Verdict::Passed | Verdict::SoftFailed)).then(|| Cause {
            kind: CauseKind::Assertion,
            message: format!("attempt {number}"),
            hints: Vec::new(),
            step: None,
            place: None,
        });
        log.finish(*verdict, cause);
    }
    log
}

fn cold(verdict: Verdict) -> (Verdict, StartedFrom) {
    (verdict, StartedFrom::PowerOn)
}

fn warm(verdict: Verdict, key: &str, this_run: bool) -> (Verdict, StartedFrom) {
    let from = StartedFrom::Checkpoint {
        scenario: "login".into(),
        key: key.into(),
        saved: "2026-11-24T00:00:04Z".into(),
        age_ms: 5_000,
        this_run,
    };
    (verdict, from)
}

fn judged(run: &Run) -> (Verdict, Option<&str>) {
    let scenario = &run.scenarios[0];
    let cause = scenario.cause.as_ref().map(|cause| cause.message.as_str());
    (scenario.verdict, cause)
}

#[test]
fn retries_and_repetitions_are_judged_by_all_attempts() {
    use Verdict::{Cancelled, Error, Failed, Flaky, Passed, Skipped, SoftFailed};
    for (verdicts, verdict, cause) in [
        (&[Passed][..], Passed, None),
        (&[Failed, Passed], Flaky, Some("attempt 1")),
        (&[Error, Passed], Flaky, Some("attempt 1")),
        (&[Error, Failed, SoftFailed], Flaky, Some("attempt 1")),
        (&[Failed, Failed], Failed, Some("attempt 2")),
        (&[Failed, Error], Error, Some("attempt 2")),
        (&[Failed, Cancelled], Cancelled, Some("attempt 2")),
        // Nothing that passed is tried again, so these are repetitions.
        (&[Passed, Passed, Failed], Failed, Some("attempt 3")),
        (&[Passed, Failed, Passed], Failed, Some("attempt 2")),
        (&[Failed, Passed, Passed], Failed, Some("attempt 1")),
        (&[Passed, Error, Failed, Failed], Failed, Some("attempt 3")),
        (&[Passed, Error, Cancelled], Error, Some("attempt 2")),
        (&[Passed, Cancelled], Cancelled, Some("attempt 2")),
        (&[Passed, SoftFailed, Passed], SoftFailed, None),
        (&[Skipped], Skipped, Some("attempt 1")),
    ] {
        let attempts: Vec<_> = verdicts.iter().copied().map(cold).collect();
        let run = Run::of(&log(&attempts).run_finished(ExitStatus::Success));
        assert_eq!(judged(&run), (verdict, cause), "{verdicts:?}");
    }
}

#[test]
fn after_a_disagreement_the_verdict_is_that_of_the_attempt_from_power_on() {
    use Verdict::{Failed, Flaky, Passed};
    for (attempts, disagreed, verdict) in [
        // Confirmed, and so not flaky.
        (vec![warm(Failed, "k", false), cold(Passed)], true, Passed),
        // The same attempts without the engine's word for it.
        (vec![warm(Failed, "k", false), cold(Passed)], false, Flaky),
        // A checkpoint made in this run is as good as power-on, and another one is not the one that was wrong.
        (vec![warm(Failed, "k", true), cold(Passed)], true, Flaky),
        (
            vec![warm(Failed, "other", false), cold(Passed)],
            true,
            Flaky,
        ),
        // The attempt from power-on needed a retry of its own.
        (
            vec![warm(Failed, "k", false), cold(Failed), cold(Passed)],
            true,
            Flaky,
        ),
        (vec![warm(Failed, "k", false), cold(Failed)], false, Failed),
        // Nothing stands against the failure.
        (vec![warm(Failed, "k", false)], true, Failed),
    ] {
        let mut log = log(&attempts);
        if disagreed {
            log.checkpoint_disagreed("login", "k");
        }
        let run = Run::of(&log.run_finished(ExitStatus::Success));
        assert_eq!(judged(&run).0, verdict, "{attempts:?} {disagreed}");
        assert_eq!(run.scenarios[0].findings.len(), usize::from(disagreed));
    }
}

#[test]
fn a_failure_from_an_earlier_checkpoint_counts_only_when_it_was_confirmed() {
    let log_of_failure = |this_run| log(&[warm(Verdict::Failed, "k", this_run)]);
    let killed = Run::of(&log_of_failure(false).killed());
    let (verdict, cause) = judged(&killed);
    assert_eq!(verdict, Verdict::Error);
    assert_eq!(
        cause,
        Some(
            "interrupted before a failure from a checkpoint was confirmed from power-on: attempt 1"
        )
    );
    let stopped = Run::of(&log_of_failure(false).run_finished(ExitStatus::Cancelled));
    assert_eq!(judged(&stopped).0, Verdict::Cancelled);
    let fresh = Run::of(&log_of_failure(true).killed());
    assert_eq!(judged(&fresh).0, Verdict::Failed);
}

#[test]
fn a_disagreement_is_shown_by_every_report_though_the_scenario_passed() {
    let records = log_of("disagreement");
    let run = Run::of(&records);
    assert_eq!(judged(&run), (Verdict::Passed, None));
    let finding = Finding::CheckpointDisagreed {
        stage: "gnome-login".into(),
        key: "1f2e3d4c5b6a".into(),
    };
    assert_eq!(run.scenarios[0].findings, std::slice::from_ref(&finding));
    let summary = console::summary(
        &run,
        console::SummaryStyle {
            colour: false,
            width: 100,
            report: None,
        },
    );
    let page = reports::html(&run).expect("a page").replace("&#39;", "'");
    let xml = junit(&run, "").expect("a file");
    for report in [&summary, &page, &xml] {
        for part in [finding.text().as_str(), finding.meaning(), "--cold"] {
            assert!(report.contains(part), "{part} is not in {report}");
        }
    }
    let told = records.iter().filter_map(|record| match &record.event {
        event @ Event::CheckpointDisagreed { .. } => console::line(event),
        _ => None,
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [format!("gnome-calculator: {}", finding.text())]
    );
}

#[test]
fn attempts_that_came_out_equal_are_one_group_with_its_step_and_times() {
    let run = Run::of(&log_of("repeated"));
    let comparison = Comparison::of(&run.scenarios[0]).expect("several attempts");
    let groups: Vec<_> = comparison
        .groups
        .iter()
        .map(|group| {
            let step = group.ended_at.map(|step| (step.stage, step.id));
            (group.verdict, step, group.attempts.len())
        })
        .collect();
    let calculator = |step| Some(("gnome-calculator", step));
    assert_eq!(
        groups,
        [
            (Verdict::Passed, None, 37),
            (Verdict::Failed, calculator("4"), 2),
            (Verdict::Failed, calculator("3"), 1),
        ]
    );
    assert_eq!(comparison.groups[1].attempts, [16, 30]);
    let varied: Vec<_> = comparison
        .varied
        .iter()
        .map(|varied| (varied.step.id, varied.counts()))
        .collect();
    assert_eq!(
        varied,
        [
            ("3", "39 passed, 1 failed".to_owned()),
            ("4", "37 passed, 2 failed".to_owned()),
        ]
    );
    // The other steps always took the same.
    let spreads: Vec<_> = comparison
        .spreads
        .iter()
        .map(|spread| spread.step.id)
        .collect();
    assert_eq!(spreads, ["3"]);
    let one = Run::of(&log_of("checkpoint"));
    assert_eq!(Comparison::of(&one.scenarios[0]), None);
}

#[test]
fn a_step_counts_once_an_attempt_as_it_ended_last_and_steps_not_reached_do_not_vary() {
    let mut log = Writer::new(&[("a", "", &[])]);
    log.begin("a", 1, None)
        .stage("a", 2)
        .start("1", "see x", None)
        .end("1", StepOutcome::Failed, 9, Evidence::default())
        .held("1", "see x", 5)
        .held("2", "see y", 5)
        .finish(Verdict::Passed, None);
    log.begin("a", 2, None).stage("a", 2).held("1", "see x", 5);
    let cause = log.cause(CauseKind::Harness, "1", "broke", &[]);
    log.finish(Verdict::Error, Some(cause));
    let run = Run::of(&log.run_finished(ExitStatus::Error));
    let comparison = Comparison::of(&run.scenarios[0]).expect("several attempts");
    assert_eq!(comparison.varied, []);
    assert_eq!(comparison.worth_showing(), [0, 1]);
}

/// Two hundred attempts, of which every fiftieth fails.
fn two_hundred() -> Run {
    let mut log = Writer::new(&[("a", "", &[])]);
    for attempt in 1..=200 {
        log.begin("a", attempt, None).stage("a", 2);
        log.held("1", "see x", u64::from(attempt % 7) * 100);
        if attempt % 50 == 0 {
            let cause = log.cause(CauseKind::Deadline, "2", "not seen", &[]);
            let evidence = Evidence {
                cause: Some(cause.clone()),
                ..Evidence::default()
            };
            log.start("2", "see y", Some(1_000))
                .end("2", StepOutcome::Failed, 1_000, evidence)
                .finish(Verdict::Failed, Some(cause));
        } else {
            log.held("2", "see y", 40).finish(Verdict::Passed, None);
        }
    }
    Run::of(&log.run_finished(ExitStatus::Failed))
}

#[test]
fn two_hundred_attempts_stay_readable() {
    let run = two_hundred();
    let style = console::SummaryStyle {
        colour: false,
        width: 100,
        report: None,
    };
    let summary = console::summary(&run, style);
    assert!(summary.lines().count() < 20, "{summary}");
    for part in [
        "a, 200 attempts:\n",
        "  196 passed in 440ms to 1s, median 740ms: attempts 1-49, 51-99, 101-149, 151-199\n",
        "    4 failed at a step 2 `see y` in ",
        ": attempts 50, 100, 150, 200\n",
        "    a step 2 `see y`: 196 passed, 4 failed\n",
        "    a step 1 `see x`: 0ms to 600ms, median 300ms\n",
    ] {
        assert!(summary.contains(part), "{part} is not in {summary}");
    }
    let page = reports::html(&run).expect("a page");
    // Three of each group; those that did not hold come first.
    assert_eq!(page.matches("<details class=\"attempt\"").count(), 6);
    assert!(page.find("Attempt 150 ") < page.find("Attempt 1 "));
    assert_eq!(
        page.matches("passed</span> <span class=\"time\">440ms to")
            .count(),
        4
    );
    let table = page.split("</table>").next().expect("a table");
    for number in 1..=200 {
        let told = [
            format!(">{number}</a>"),
            format!("<li>{number} <"),
            format!("<td>{number}</td>"),
        ];
        assert!(
            told.iter().any(|told| table.contains(told)),
            "attempt {number}"
        );
    }
    let xml = junit(&run, "").expect("a file");
    assert_eq!(xml.matches("<rerunFailure ").count(), 3);
    assert_eq!(xml.matches("\nattempt ").count(), 200);
}

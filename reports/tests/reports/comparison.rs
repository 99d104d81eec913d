//! What varied between attempts at a scenario, and how reports stay readable where there are many.

use crate::sample::{Writer, log_of};
use reports::{
    CauseKind, Comparison, Evidence, ExitStatus, Run, StepOutcome, Verdict, console, junit,
};

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
        rows: None,
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
    let page = reports::html(&run, &reports::Earlier::default()).expect("a page");
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
    let xml = junit(&run, "");
    assert_eq!(xml.matches("<rerunFailure ").count(), 3);
    assert_eq!(xml.matches("\nattempt ").count(), 200);
}

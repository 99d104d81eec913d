//! What several attempts at a scenario come to.

mod side_by_side;
mod told;

use crate::sample::Writer;
use reports::{
    Cause, CauseKind, ExitStatus, Finding, FlakyPolicy, Fold, OpenEnd, Rules, Run, StartedFrom,
    Unconfirmed, Verdict, console, junit,
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
        (&[Error, Failed, SoftFailed], Flaky, Some("attempt 2")),
        (&[Failed, Failed], Failed, Some("attempt 2")),
        (&[Error, Error], Error, Some("attempt 2")),
        // One that broke off, or was stopped, takes nothing back.
        (&[Failed, Error], Failed, Some("attempt 1")),
        (&[Error, Failed], Failed, Some("attempt 2")),
        (&[Failed, Cancelled], Failed, Some("attempt 1")),
        (&[Error, Cancelled], Error, Some("attempt 1")),
        // One that could show nothing takes nothing back.
        (&[Failed, Skipped], Failed, Some("attempt 1")),
        (&[Error, Skipped], Error, Some("attempt 1")),
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
fn what_failed_and_held_is_flaky_whatever_is_said_of_a_checkpoint() {
    use Verdict::{Error, Failed, Flaky, Passed};
    for (attempts, blamed, verdict) in [
        (vec![warm(Failed, "k", false), cold(Passed)], true, Flaky),
        (vec![warm(Failed, "k", false), cold(Passed)], false, Flaky),
        (vec![warm(Error, "k", false), cold(Passed)], true, Flaky),
        (vec![warm(Failed, "k", true), cold(Passed)], true, Flaky),
        (
            vec![warm(Failed, "other", false), cold(Passed)],
            true,
            Flaky,
        ),
        (
            vec![warm(Failed, "k", false), cold(Failed), cold(Passed)],
            true,
            Flaky,
        ),
        (vec![warm(Failed, "k", false), cold(Failed)], false, Failed),
        (vec![warm(Error, "k", false), cold(Failed)], false, Failed),
        (vec![warm(Error, "k", false), cold(Error)], false, Error),
    ] {
        let mut log = log(&attempts);
        if blamed {
            log.checkpoint_blamed("login", "k");
        }
        let run = Run::of(&log.run_finished(ExitStatus::Success));
        assert_eq!(judged(&run).0, verdict, "{attempts:?} {blamed}");
        assert_eq!(run.scenarios[0].findings.len(), usize::from(blamed));
    }
}

#[test]
fn an_error_where_a_failure_was_to_be_confirmed_leaves_the_failure_and_says_so() {
    for confirming in [Verdict::Error, Verdict::Skipped] {
        let mut log = log(&[warm(Verdict::Failed, "k", false), cold(confirming)]);
        let mut before_its_end = Fold::default();
        log.killed()
            .iter()
            .for_each(|entry| before_its_end.take(entry));
        let gate = before_its_end.into_run(OpenEnd::Ending).gate();
        assert_eq!(gate, ExitStatus::Failed);
        let run = Run::of(&log.run_finished(ExitStatus::Failed));
        assert_eq!(judged(&run), (Verdict::Failed, Some("attempt 1")));
        let finding = Finding::NotConfirmed {
            stage: "login".into(),
            key: "k".into(),
            why: Unconfirmed::NotJudged,
        };
        assert_eq!(run.scenarios[0].findings, std::slice::from_ref(&finding));
        for report in reports_of(&run) {
            assert!(
                report.contains("no attempt from there came to a result"),
                "{report}"
            );
        }
    }
}

/// Every way in which up to four attempts can come out, each from power-on, from a checkpoint of this
/// run or of an earlier one.
fn all_ways() -> Vec<Vec<(Verdict, StartedFrom)>> {
    use Verdict::{Cancelled, Error, Failed, Passed, Skipped, SoftFailed};
    let verdicts = [Passed, SoftFailed, Failed, Error, Skipped, Cancelled];
    let each: Vec<_> = verdicts
        .into_iter()
        .flat_map(|verdict| {
            [
                cold(verdict),
                warm(verdict, "k", true),
                warm(verdict, "k", false),
            ]
        })
        .collect();
    let mut ways: Vec<Vec<_>> = vec![Vec::new()];
    let mut longest = ways.clone();
    for _ in 0..3 {
        longest = longest
            .iter()
            .flat_map(|way| {
                each.iter().map(|last| {
                    let mut way = way.clone();
                    way.push(last.clone());
                    way
                })
            })
            .collect();
        ways.extend(longest.clone());
    }
    ways
}

#[test]
fn passed_says_that_no_attempt_failed_or_broke_off() {
    let rules = [
        Rules::default(),
        Rules {
            repeats: true,
            ..Rules::default()
        },
        Rules {
            confirm: false,
            flaky: FlakyPolicy::Fail,
            ..Rules::default()
        },
    ];
    for way in all_ways() {
        let came: Vec<_> = way.iter().map(|(verdict, _)| *verdict).collect();
        let any = |verdict| came.contains(&verdict);
        for (number, rules) in rules.into_iter().enumerate() {
            let mut log = log(&way);
            log.under(rules);
            if number == 0 && !way.is_empty() {
                log.checkpoint_blamed("login", "k");
            }
            let run = Run::of(&log.run_finished(ExitStatus::Success));
            let verdict = judged(&run).0;
            match verdict {
                Verdict::Passed | Verdict::SoftFailed => {
                    assert!(!any(Verdict::Failed) && !any(Verdict::Error), "{came:?}");
                }
                Verdict::Skipped | Verdict::Cancelled => {
                    assert!(!any(Verdict::Failed) && !any(Verdict::Error), "{came:?}");
                }
                Verdict::Error => assert!(!any(Verdict::Failed), "{came:?}"),
                Verdict::Failed | Verdict::Flaky => {}
            }
            let gate = run.gate();
            if any(Verdict::Failed) && verdict != Verdict::Flaky {
                assert_eq!(gate, ExitStatus::Failed, "{came:?}");
            }
            if verdict == Verdict::Flaky && rules.flaky == FlakyPolicy::Fail {
                let status = match any(Verdict::Failed) {
                    true => ExitStatus::Failed,
                    false => ExitStatus::Error,
                };
                assert_eq!(gate, status, "{came:?}");
            }
        }
    }
}

#[test]
fn no_attempt_that_failed_is_absent_from_a_report() {
    // Every 61st of them: a report takes a while.
    for way in all_ways()
        .into_iter()
        .filter(|way| way.len() < 4)
        .step_by(3)
    {
        let mut log = log(&way);
        let run = Run::of(&log.run_finished(ExitStatus::Success));
        let [summary, page, xml] = reports_of(&run);
        let counted = |number: usize| format!("attempt {number}");
        for (number, (verdict, _)) in (1..).zip(&way) {
            if !matches!(verdict, Verdict::Failed | Verdict::Error) {
                continue;
            }
            assert!(
                xml.contains(&format!("attempt {number}, ")),
                "{way:?}: {xml}"
            );
            assert!(page.contains(&counted(number)), "{way:?}: {page}");
        }
        let failed = way
            .iter()
            .filter(|(verdict, _)| *verdict == Verdict::Failed)
            .count();
        if way.len() > 1 && failed > 0 {
            assert!(summary.contains("attempts:\n"), "{way:?}: {summary}");
            assert!(
                summary.contains(&format!("{failed} failed")),
                "{way:?}: {summary}"
            );
        }
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
fn without_confirmation_a_failure_counts_whatever_the_end_and_every_report_says_what_it_is() {
    for (confirm, repeats, unconfirmed, why) in [
        (
            false,
            false,
            Unconfirmed::NotWanted,
            "not confirmed from power-on: --no-confirm was given",
        ),
        (
            true,
            true,
            Unconfirmed::Repetition,
            "not confirmed from power-on: repetitions are not confirmed",
        ),
    ] {
        let rules = Rules {
            confirm,
            repeats,
            ..Rules::default()
        };
        for verdict in [Verdict::Failed, Verdict::Error] {
            let log = |this_run| {
                let mut log = log(&[warm(verdict, "k", this_run)]);
                log.under(rules);
                log
            };
            for entries in [
                log(false).killed(),
                log(false).run_finished(ExitStatus::Cancelled),
                log(false).run_finished(ExitStatus::Failed),
            ] {
                let run = Run::of(&entries);
                assert_eq!(judged(&run), (verdict, Some("attempt 1")));
                let finding = Finding::NotConfirmed {
                    stage: "login".into(),
                    key: "k".into(),
                    why: unconfirmed,
                };
                assert_eq!(run.scenarios[0].findings, [finding]);
                for report in reports_of(&run) {
                    assert!(report.contains(why), "{why} is not in {report}");
                }
            }
            // From a checkpoint of this run there is nothing to confirm.
            let fresh = Run::of(&log(true).killed());
            assert_eq!(judged(&fresh), (verdict, Some("attempt 1")));
            assert_eq!(fresh.scenarios[0].findings, []);
        }
        let mut held = log(&[warm(Verdict::Passed, "k", false)]);
        held.under(rules);
        let held = Run::of(&held.run_finished(ExitStatus::Success));
        assert_eq!(held.scenarios[0].findings, []);
    }
}

/// Summary, page and test cases.
fn reports_of(run: &Run) -> [String; 3] {
    let style = console::SummaryStyle {
        colour: false,
        width: 100,
        rows: None,
        report: None,
    };
    [
        console::summary(run, style),
        reports::html(run, &reports::Earlier::default())
            .expect("a page")
            .replace("&#39;", "'"),
        junit(run, ""),
    ]
}

//! What several attempts at a scenario come to.

use crate::sample::{Writer, log_of};
use reports::{
    Cause, CauseKind, Event, ExitStatus, Finding, Run, StartedFrom, Verdict, console, junit,
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

//! Reports of what has not come to its end: a part of a scenario, and a run that goes on.

use crate::sample::{RUNS, Writer, log_of};
use reports::{CauseKind, Entry, Event, ExitStatus, Run, Verdict, console, junit};

fn summary(run: &Run) -> String {
    let style = console::SummaryStyle {
        colour: false,
        width: 100,
        rows: None,
        report: None,
    };
    console::summary(run, style)
}

/// Attempts at a scenario of which only a part is run.
fn part(verdicts: &[Verdict]) -> Vec<Entry> {
    let mut log = Writer::new(&[("a", "", &[])]);
    for (attempt, verdict) in (1..).zip(verdicts) {
        log.begin("a", attempt, None).stage("a", 1);
        log.held("1", "see x", 5).finish(*verdict, None);
    }
    let mut entries = log.run_finished(ExitStatus::Success);
    if let Event::RunStarted { scenarios, .. } = &mut entries[0].event {
        scenarios[0].part = Some("up to step 3".to_owned());
    }
    entries
}

#[test]
fn what_holds_of_a_part_is_no_pass_of_the_whole() {
    use Verdict::{Error, Failed, Flaky, Passed, Skipped, SoftFailed};
    for (verdicts, verdict) in [
        (&[Passed][..], Skipped),
        (&[SoftFailed], Skipped),
        (&[Failed], Failed),
        (&[Error], Error),
        (&[Failed, Passed], Flaky),
    ] {
        let entries = part(verdicts);
        let run = Run::of(&entries);
        assert_eq!(run.scenarios[0].verdict, verdict, "{verdicts:?}");
        let summary = summary(&run);
        assert!(summary.contains("up to step 3 only"), "{summary}");
        if verdict == Skipped {
            assert!(!summary.contains("passed"), "{summary}");
            assert!(summary.contains("held; up to step 3 only"), "{summary}");
            let xml = junit(&run, "");
            assert!(xml.contains("<skipped type=\"partial\""), "{xml}");
            let page = reports::html(&run, &reports::Earlier::default()).expect("a page");
            assert!(page.contains("<h1>a held in part</h1>"), "{page}");
            let mut lines = console::Lines::new();
            let told: Vec<_> = entries.iter().filter_map(|one| lines.line(one)).collect();
            let last = told.last().expect("a line");
            assert!(
                last.starts_with("a: held, up to step 3 only, in "),
                "{last}"
            );
        }
    }
}

#[test]
fn a_run_that_goes_on_is_judged_as_far_as_it_has_come_and_no_further() {
    for name in RUNS {
        let entries = log_of(name);
        let finished = matches!(
            entries.last().map(|entry| &entry.event),
            Some(Event::RunFinished { .. })
        );
        let end = entries.len() - usize::from(finished);
        for so_far in 1..=end {
            let run = Run::so_far(&entries[..so_far]);
            assert!(run.goes_on());
            for scenario in &run.scenarios {
                let kind = scenario.cause.as_ref().map(|cause| cause.kind.clone());
                let is_open = scenario.attempts.iter().any(|attempt| !attempt.is_whole);
                if is_open || scenario.attempts.is_empty() {
                    let told = (scenario.verdict, kind);
                    let unfinished = (Verdict::Skipped, Some(CauseKind::Unfinished));
                    assert_eq!(told, unfinished, "{name} up to {so_far}");
                }
            }
            if so_far % 7 == 0 {
                assert!(summary(&run).contains("the run goes on"), "{name}");
                let xml = junit(&run, "");
                assert!(xml.contains("qa.goes-on"), "{xml}");
                let page = reports::html(&run, &reports::Earlier::default()).expect("a page");
                assert!(page.contains("The run goes on"), "{name}");
            }
        }
        if finished {
            // As text: scores of hostile logs are no numbers, and equal nothing.
            let told = |run: Run| format!("{run:?}");
            assert_eq!(told(Run::so_far(&entries)), told(Run::of(&entries)));
        }
    }
}

#[test]
fn a_failure_that_waits_to_be_confirmed_is_not_judged_yet() {
    let entries = log_of("disagreement");
    let second = entries
        .iter()
        .position(|entry| entry.envelope.attempt == Some(2))
        .expect("a second attempt");
    let run = Run::so_far(&entries[..second]);
    assert_eq!(run.scenarios[0].verdict, Verdict::Skipped);
    assert_eq!(run.gate(), ExitStatus::Success);
}

//! Attempts that run side by side, and records that are out of order.

use reports::{Event, ExitStatus, Rules, Run, Verdict};

use super::{cold, judged, log};
use crate::sample::{RUNS, log_of, side_by_side, with_attempts};

#[test]
fn where_the_log_says_that_attempts_are_repetitions_their_order_does_not_matter() {
    use Verdict::{Cancelled, Error, Failed, Flaky, Passed, SoftFailed};
    for (verdicts, verdict, cause) in [
        (&[Failed, Passed][..], Flaky, Some("attempt 1")),
        (&[Passed, Failed], Flaky, Some("attempt 2")),
        (&[Passed, Error, Failed, Passed], Flaky, Some("attempt 3")),
        (&[Failed, Failed], Failed, Some("attempt 1")),
        (&[Error, Failed], Failed, Some("attempt 2")),
        (&[Passed, SoftFailed], SoftFailed, None),
        (&[Passed, Cancelled], Cancelled, Some("attempt 2")),
    ] {
        let attempts: Vec<_> = verdicts.iter().copied().map(cold).collect();
        let mut log = log(&attempts);
        log.under(Rules {
            repeats: true,
            ..Rules::default()
        });
        let run = Run::of(&log.run_finished(ExitStatus::Success));
        assert_eq!(judged(&run), (verdict, cause), "{verdicts:?}");
    }
}

#[test]
fn records_of_attempts_side_by_side_are_those_of_the_same_attempts_one_after_the_other() {
    let times = |run: &Run| {
        let mut run = run.clone();
        for attempt in run.scenarios.iter_mut().flat_map(|of| &mut of.attempts) {
            attempt.started_ms = 0;
            for entry in attempt.stages.iter_mut().flat_map(|of| &mut of.entries) {
                match entry {
                    reports::Entry::Step(step) => step.started_ms = 0,
                    reports::Entry::Remark { at_ms, .. } => *at_ms = 0,
                }
            }
        }
        run
    };
    for name in ["repeated", "retried"] {
        let records = log_of(name);
        let ordered = Run::of(&records);
        let tangled = side_by_side(&records, 4);
        let changes = tangled
            .windows(2)
            .filter(|two| two[0].attempt != two[1].attempt)
            .count();
        assert!(
            changes > ordered.scenarios[0].attempts.len() + 2,
            "{changes}"
        );
        let run = Run::of(&tangled);
        assert_eq!(times(&run).scenarios, times(&ordered).scenarios, "{name}");
    }
}

#[test]
fn attempts_that_began_out_of_order_are_shown_in_order() {
    let mut log = log(&[
        cold(Verdict::Passed),
        cold(Verdict::Failed),
        cold(Verdict::Passed),
    ]);
    let mut records = with_attempts(&log.run_finished(ExitStatus::Failed));
    records[1..].sort_by_key(|record| record.attempt.map_or(9, |number| 3 - number));
    let run = Run::of(&records);
    let attempts = &run.scenarios[0].attempts;
    let told: Vec<_> = attempts
        .iter()
        .map(|attempt| (attempt.number, attempt.verdict))
        .collect();
    assert_eq!(
        told,
        [
            (1, Verdict::Passed),
            (2, Verdict::Failed),
            (3, Verdict::Passed)
        ]
    );
}

#[test]
fn a_log_cut_while_attempts_run_side_by_side_has_each_of_them_as_far_as_it_came() {
    let mut records = log_of("parallel");
    let third = records
        .iter()
        .position(|record| {
            record.attempt == Some(3) && matches!(record.event, Event::ScenarioFinished { .. })
        })
        .expect("the end of the third attempt");
    records.truncate(third);
    let run = Run::of(&records);
    assert!(run.is_cut_short());
    let begun = records
        .iter()
        .filter(|record| matches!(record.event, Event::ScenarioStarted { .. }))
        .count();
    let attempts = &run.scenarios[0].attempts;
    assert_eq!(attempts.len(), begun);
    let third = &attempts[2];
    assert_eq!((third.number, third.verdict), (3, Verdict::Error));
    assert_eq!(third.steps().count(), 4);
    for attempt in attempts.iter().filter(|attempt| attempt.is_whole) {
        assert_eq!(attempt.verdict, Verdict::Passed);
    }
}

#[test]
fn what_the_key_adds_changes_nothing_where_attempts_run_one_after_the_other() {
    for name in RUNS {
        let records = log_of(name);
        let one_by_one = records.iter().all(|record| record.attempt.is_none());
        if one_by_one {
            // As text: scores of hostile logs are no numbers, and equal nothing.
            let told = |records| format!("{:?}", Run::of(records));
            assert_eq!(told(&with_attempts(&records)), told(&records), "{name}");
        }
    }
}

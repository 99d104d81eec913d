//! Attempts that run side by side, and entries that are out of order.

use reports::{Event, ExitStatus, Rules, Run, Verdict};

use super::{cold, judged, log};
use crate::sample::{log_of, side_by_side};

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
                    reports::StageEntry::Step(step) => step.started_ms = 0,
                    reports::StageEntry::Remark { at_ms, .. } => *at_ms = 0,
                }
            }
        }
        run
    };
    for name in ["repeated", "retried"] {
        let entries = log_of(name);
        let ordered = Run::of(&entries);
        let tangled = side_by_side(&entries, 4);
        let changes = tangled
            .windows(2)
            .filter(|two| two[0].envelope.attempt != two[1].envelope.attempt)
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
    let mut entries = log.run_finished(ExitStatus::Failed);
    entries[1..].sort_by_key(|entry| entry.envelope.attempt.map_or(9, |number| 3 - number));
    let run = Run::of(&entries);
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
    let mut entries = log_of("parallel");
    let third = entries
        .iter()
        .position(|entry| {
            entry.envelope.attempt == Some(3)
                && matches!(entry.event, Event::ScenarioFinished { .. })
        })
        .expect("the end of the third attempt");
    entries.truncate(third);
    let run = Run::of(&entries);
    assert!(run.is_cut_short());
    let begun = entries
        .iter()
        .filter(|entry| matches!(entry.event, Event::ScenarioStarted { .. }))
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

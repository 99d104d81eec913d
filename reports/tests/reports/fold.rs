//! A run put together from its entries, one at a time.

use proptest::prelude::*;
use reports::{Entry, Fold, OpenEnd, Run, RunEnd, StageEntry};

use crate::sample::{RUNS, log_of, random, side_by_side};

/// As text, since scores of hostile logs are no numbers, and equal nothing.
fn told(run: &Run) -> String {
    format!("{run:?}")
}

/// The run after each entry, asked for as a live view asks.
fn asked_all_the_time(entries: &[Entry]) -> Run {
    let mut fold = Fold::default();
    for (count, entry) in (1..).zip(entries) {
        fold.take(entry);
        let live = fold.run(OpenEnd::GoesOn);
        assert_eq!(told(&live), told(&Run::so_far(&entries[..count])));
    }
    fold.into_run(OpenEnd::CutShort)
}

#[test]
fn a_live_view_and_a_report_are_the_same_at_every_entry() {
    for name in RUNS.into_iter().filter(|name| *name != "repeated") {
        let entries = log_of(name);
        let run = asked_all_the_time(&entries[..entries.len().min(60)]);
        assert_eq!(
            told(&run),
            told(&Run::of(&entries[..entries.len().min(60)])),
            "{name}"
        );
    }
}

#[test]
fn a_run_goes_on_until_its_end_is_there() {
    let entries = log_of("passed");
    let mut fold = Fold::default();
    assert!(fold.run(OpenEnd::GoesOn).goes_on());
    for entry in &entries[..entries.len() - 1] {
        fold.take(entry);
        assert!(fold.run(OpenEnd::GoesOn).goes_on());
        assert!(fold.run(OpenEnd::CutShort).is_cut_short());
    }
    fold.take(&entries[entries.len() - 1]);
    assert!(matches!(
        fold.run(OpenEnd::GoesOn).end,
        RunEnd::Finished { .. }
    ));
}

#[test]
fn a_machine_that_is_started_once_more_is_a_remark_for_each_machine_of_its_own() {
    let mut log = crate::sample::Writer::new(&[("a", "", &[])]);
    log.begin("a", 1, None).stage("a", 1);
    for name in ["server", "client", "server"] {
        log.machine_named(name);
    }
    let run = Run::of(&log.killed());
    let attempt = &run.scenarios[0].attempts[0];
    let names: Vec<_> = attempt
        .machines
        .iter()
        .map(|machine| machine.name.as_deref())
        .collect();
    assert_eq!(names, [Some("server"), Some("client"), Some("server")]);
    let remarks = attempt.stages[0]
        .entries
        .iter()
        .filter_map(|entry| match entry {
            StageEntry::Remark {
                machine, remark, ..
            } => Some((machine.as_deref(), remark.text())),
            StageEntry::Step(_) => None,
        });
    assert_eq!(
        remarks.collect::<Vec<_>>(),
        [(Some("server"), "machine pc-uefi started again".to_owned())]
    );
}

/// Everything but the times, which differ where attempts run side by side.
fn without_times(mut run: Run) -> String {
    for attempt in run.scenarios.iter_mut().flat_map(|of| &mut of.attempts) {
        attempt.started_ms = 0;
        attempt.duration_ms = 0;
        for entry in attempt.stages.iter_mut().flat_map(|of| &mut of.entries) {
            match entry {
                StageEntry::Step(step) => {
                    step.started_ms = 0;
                    step.duration_ms = 0;
                }
                StageEntry::Remark { at_ms, .. } => *at_ms = 0,
            }
        }
    }
    format!("{:?}", run.scenarios)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_entries_give_a_run_and_asking_in_between_changes_nothing(entries in random::entries()) {
        prop_assert_eq!(told(&asked_all_the_time(&entries)), told(&Run::of(&entries)));
    }

    #[test]
    fn attempts_side_by_side_come_to_the_same_as_one_after_the_other(entries in random::log(&["a", "b"])) {
        let mut ordered = entries.clone();
        // A stable order: of each attempt, entries stay as they are. What is about no attempt stays where it may.
        let place = |entry: &Entry| match (&entry.envelope.scenario, entry.envelope.attempt) {
            (None, _) => (0, None, 0),
            (Some(name), Some(number)) => (1, Some(name.clone()), number),
            (Some(name), None) => (2, Some(name.clone()), 0),
        };
        let ends = ordered.pop_if(|entry| entry.scenario().is_none());
        ordered.sort_by_key(place);
        ordered.extend(ends);
        let (mut ordered, mut tangled) = (Run::of(&ordered), Run::of(&entries));
        // Findings stand in the order in which they came.
        for scenario in ordered.scenarios.iter_mut().chain(&mut tangled.scenarios) {
            scenario.findings.clear();
        }
        prop_assert_eq!(without_times(ordered), without_times(tangled));
    }
}

#[test]
fn a_side_by_side_log_is_a_live_view_too() {
    let entries = side_by_side(&log_of("retried"), 3);
    assert_eq!(
        told(&asked_all_the_time(&entries)),
        told(&Run::of(&entries))
    );
}

//! A run is put together from its entries.

#![expect(clippy::float_cmp, reason = "numbers are copied, not computed")]

use crate::sample::{LOGIN, RUNS, Writer, log_of};
use reports::{
    Entry, Event, ExitStatus, MachineNews, Remark, ResetKind, Run, RunEnd, StageEntry, StartedFrom,
    StepOutcome, Verdict,
};

fn verdicts(run: &Run) -> Vec<(&str, Verdict)> {
    run.scenarios
        .iter()
        .map(|scenario| (scenario.info.name.as_str(), scenario.verdict))
        .collect()
}

#[test]
fn a_passed_run_has_every_scenario_stage_and_step() {
    let run = Run::of(&log_of("passed"));
    assert_eq!(
        verdicts(&run),
        [
            ("gnome-login", Verdict::Passed),
            ("gnome-calculator", Verdict::Passed)
        ]
    );
    let login = run.scenarios[0].last_attempt().expect("an attempt");
    assert_eq!(login.from, StartedFrom::PowerOn);
    assert_eq!(login.machines[0].facts.deadline_factor, 6.0);
    let steps: Vec<_> = login
        .steps()
        .map(|step| (step.id.as_str(), step.depth, step.is_group))
        .collect();
    assert_eq!(
        steps,
        [
            ("1", 0, false),
            ("2", 0, false),
            ("3", 0, true),
            ("3.1", 1, false),
            ("3.2", 1, false),
            ("4", 0, false),
            ("5", 0, false)
        ]
    );
    assert!(login.decisive_step().is_none());
    assert_eq!(run.exit(), ExitStatus::Success);
    assert_eq!(run.counts(), [(Verdict::Passed, 2)]);
}

#[test]
fn the_decisive_step_is_the_innermost_one_and_its_group_has_no_evidence_of_its_own() {
    let run = Run::of(&log_of("failed-look"));
    let attempt = run.scenarios[0].last_attempt().expect("an attempt");
    let step = attempt.decisive_step().expect("a step");
    assert_eq!(step.id, "3.2");
    assert!(step.evidence.look.is_some());
    let group = attempt
        .steps()
        .find(|step| step.id == "3")
        .expect("the group");
    assert_eq!(group.outcome, Some(StepOutcome::Failed));
    assert!(group.evidence.look.is_none() && group.evidence.cause.is_none());
}

#[test]
fn a_log_cut_short_is_an_error_with_the_step_it_stopped_at() {
    let run = Run::of(&log_of("cut-short"));
    assert_eq!(
        verdicts(&run),
        [
            ("gnome-login", Verdict::Error),
            ("gnome-calculator", Verdict::Error)
        ]
    );
    assert_eq!(run.end, RunEnd::CutShort { last_ms: 70_400 });
    assert_eq!(run.exit(), ExitStatus::Error);
    let cause = run.scenarios[0].cause.as_ref().expect("a cause");
    assert_eq!(cause.step.as_deref(), Some("gnome-login step 2"));
    assert!(
        cause.message.starts_with("interrupted"),
        "{}",
        cause.message
    );
    let attempt = run.scenarios[0].last_attempt().expect("an attempt");
    assert_eq!(attempt.duration_ms, 70_400);
    assert_eq!(attempt.decisive_step().expect("a step").duration_ms, 5_300);
    assert!(attempt.last_frame.is_some());
    let never = run.scenarios[1].cause.as_ref().expect("a cause");
    assert!(never.message.starts_with("not begun"), "{}", never.message);
}

#[test]
fn no_beginning_of_any_log_passes_a_scenario_before_the_log_says_so() {
    for name in RUNS {
        let entries = log_of(name);
        for end in 0..entries.len() {
            let cut = Run::of(&entries[..end]);
            assert!(cut.is_cut_short(), "{name} up to {end}");
            for scenario in &cut.scenarios {
                let this = &scenario.info.name;
                let ended = entries[..end].iter().any(|entry| {
                    matches!(&entry.event, Event::ScenarioFinished { .. })
                        && entry.scenario() == Some(this)
                });
                if !ended {
                    assert_eq!(scenario.verdict, Verdict::Error, "{name} up to {end}");
                }
            }
        }
    }
}

#[test]
fn a_scenario_that_was_not_begun_when_the_user_stopped_is_cancelled() {
    let run = Run::of(&log_of("cancelled"));
    assert_eq!(
        verdicts(&run),
        [
            ("gnome-login", Verdict::Cancelled),
            ("gnome-calculator", Verdict::Cancelled)
        ]
    );
    assert!(run.scenarios[1].attempts.is_empty());
}

#[test]
fn a_run_that_ended_without_judging_a_scenario_blames_the_harness() {
    let mut log = Writer::new(&[("a", "", &[])]);
    let run = Run::of(&log.run_finished(ExitStatus::Success));
    assert_eq!(verdicts(&run), [("a", Verdict::Error)]);
    let cause = run.scenarios[0].cause.as_ref().expect("a cause");
    assert!(
        cause.message.contains("without a judgement"),
        "{}",
        cause.message
    );
}

#[test]
fn a_failure_that_a_retry_overcame_is_flaky_and_keeps_both_attempts() {
    let run = Run::of(&log_of("flaky"));
    let scenario = &run.scenarios[0];
    assert_eq!(scenario.verdict, Verdict::Flaky);
    assert_eq!(scenario.attempts.len(), 2);
    assert_eq!(scenario.attempts[0].verdict, Verdict::Failed);
    assert_eq!(scenario.attempts[1].verdict, Verdict::Passed);
    assert_eq!(scenario.cause, scenario.attempts[0].cause);
}

#[test]
fn a_step_that_an_optional_group_forgave_is_not_a_failure() {
    let run = Run::of(&log_of("soft-failed"));
    let attempt = run.scenarios[0].last_attempt().expect("an attempt");
    let step = attempt
        .steps()
        .find(|step| step.id == "2.1")
        .expect("the step");
    assert_eq!(step.outcome, Some(StepOutcome::Forgiven));
    assert_eq!(run.scenarios[0].verdict, Verdict::SoftFailed);
    assert_eq!(
        attempt.soft_failures[0].text(),
        "the wallpaper is missing (DEB-1204)"
    );
    assert!(attempt.decisive_step().is_none());
}

#[test]
fn remarks_stand_where_they_happened() {
    let run = Run::of(&log_of("passed"));
    let stage = &run.scenarios[1].attempts[0].stages[0];
    let at = stage
        .entries
        .iter()
        .position(|entry| {
            matches!(
                entry,
                StageEntry::Remark {
                    remark: Remark::Note(_),
                    ..
                }
            )
        })
        .expect("the note");
    assert!(matches!(&stage.entries[at - 1], StageEntry::Step(step) if step.id == "1"));
    assert!(matches!(&stage.entries[at + 1], StageEntry::Step(step) if step.id == "2"));
}

#[test]
fn a_checkpoint_found_unusable_before_an_attempt_makes_no_attempt_up() {
    let mut log = Writer::new(&[("a", "", &[])]);
    log.checkpoint_unusable("a", "login", "its disk is damaged");
    let before = Run::of(&log.killed());
    assert!(before.scenarios[0].attempts.is_empty());
    log.begin("a", 1, None)
        .stage("a", 1)
        .held("1", "see x", 5)
        .push(Event::CheckpointSaved {
            stage: "a".into(),
            key: "1f2e3d4c5b6a".into(),
            bytes: 900 << 20,
            duration_ms: 410,
        })
        .finish(Verdict::Passed, None);
    let run = Run::of(&log.run_finished(ExitStatus::Success));
    let attempts = &run.scenarios[0].attempts;
    assert_eq!(attempts.len(), 1);
    let told: Vec<_> = attempts[0].stages[0]
        .entries
        .iter()
        .map(|entry| match entry {
            StageEntry::Step(step) => step.text.clone(),
            StageEntry::Remark { remark, .. } => remark.text(),
        })
        .collect();
    assert_eq!(
        told,
        [
            "no checkpoint of login: its disk is damaged",
            "see x",
            "checkpoint of a saved: 900 MiB in 410ms (1f2e3d4c5b6a)"
        ]
    );
}

#[test]
fn scenarios_that_run_side_by_side_do_not_mix() {
    let mut one = Writer::new(&[("a", "", &[]), ("b", "", &[])]);
    one.begin("a", 1, None)
        .stage("a", 1)
        .start("1", "see x", None);
    let mut other = one.clone();
    other
        .begin("b", 1, None)
        .stage("b", 1)
        .held("1", "see y", 5);
    other.finish(Verdict::Passed, None);
    let mut entries = other.killed();
    // Back to the first scenario, whose step is still open.
    let mut rest = one.clone();
    rest.end("1", StepOutcome::Passed, 9, reports::Evidence::default())
        .finish(Verdict::Passed, None);
    entries.extend_from_slice(&rest.killed()[one.killed().len()..]);
    let run = Run::of(&entries);
    assert_eq!(
        verdicts(&run),
        [("a", Verdict::Passed), ("b", Verdict::Passed)]
    );
    for scenario in &run.scenarios {
        let steps: Vec<_> = scenario.attempts[0]
            .steps()
            .map(|step| (step.depth, step.outcome))
            .collect();
        assert_eq!(
            steps,
            [(0, Some(StepOutcome::Passed))],
            "{}",
            scenario.info.name
        );
    }
}

#[test]
fn records_in_any_order_give_a_run() {
    for name in RUNS {
        let mut entries = log_of(name);
        entries.reverse();
        let run = Run::of(&entries);
        assert!(!run.scenarios.is_empty(), "{name}");
        let twice: Vec<Entry> = entries.iter().chain(&entries).cloned().collect();
        assert!(!Run::of(&twice).scenarios.is_empty(), "{name}");
    }
}

#[test]
fn resets_are_counted_by_what_made_the_machine_start_over() {
    let reset = |kind| MachineNews::Reset {
        expected: true,
        kind,
        after_ms: Some(4_200),
    };
    let of = |all: &[MachineNews]| {
        let mut log = Writer::new(&[LOGIN]);
        log.begin("gnome-login", 1, None).stage("gnome-login", 1);
        all.iter().for_each(|news| {
            log.news(news.clone());
        });
        log.finish(Verdict::Passed, None);
        let run = Run::of(&log.run_finished(ExitStatus::Success));
        run.scenarios[0].attempts[0].resets_text()
    };
    let guest = reset(ResetKind::Guest);
    let echo = reset(ResetKind::Firmware);
    assert_eq!(of(&[]), None);
    assert_eq!(
        of(&[guest.clone(), echo.clone(), echo]).as_deref(),
        Some("1 reset by the guest")
    );
    assert_eq!(
        of(&[guest.clone(), reset(ResetKind::PowerCut), guest.clone()]).as_deref(),
        Some("3 resets: 2 by the guest, 1 by power cut")
    );
    assert_eq!(
        guest.text(),
        "the machine was reset by the guest after 4.2s"
    );
}

//! A scenario that did not hold, compared with the last run in which it held.

use std::sync::Arc;

use reports::{
    Against, BackendFacts, Baseline, Earlier, InputFile, PastResult, Run, StageEntry, StepOutcome,
    UsualTime, Verdict, html,
};

use crate::html::content;
use crate::sample::log_of;

/// The name of the scenario that all tests here compare.
const LOGIN: &str = "gnome-login";

fn failed() -> Run {
    Run::of(&log_of("failed-look"))
}

/// The same run of the day before, in which everything held.
fn good() -> Run {
    let mut run = failed();
    run.name = "20261123-020304".into();
    change_steps(&mut run, |step| {
        if step.outcome == Some(StepOutcome::Failed) {
            step.outcome = Some(StepOutcome::Passed);
            step.duration_ms = 21_800;
            step.evidence.cause = None;
        }
    });
    for scenario in &mut run.scenarios {
        (scenario.verdict, scenario.cause) = (Verdict::Passed, None);
        for attempt in &mut scenario.attempts {
            (attempt.verdict, attempt.cause) = (Verdict::Passed, None);
        }
    }
    run
}

fn baseline(run: Run) -> Baseline {
    Baseline {
        folder: "../20261123-020304".into(),
        run: Arc::new(run),
        name: LOGIN.into(),
        usual: Vec::new(),
    }
}

/// Compares the login of two runs, and hands over the result.
fn compared<T>(now: &Run, then: Run, look: impl FnOnce(&Against) -> T) -> T {
    let baseline = baseline(then);
    let scenario = now.scenarios.iter().find(|it| it.info.name == LOGIN);
    let scenario = scenario.expect("a scenario");
    look(&Against::of(now, scenario, &baseline).expect("both have an attempt"))
}

/// Changes the steps of the login.
fn change_steps(run: &mut Run, mut change: impl FnMut(&mut reports::Step)) {
    for scenario in &mut run.scenarios {
        let stages = scenario
            .attempts
            .iter_mut()
            .flat_map(|attempt| &mut attempt.stages);
        for entry in stages.flat_map(|stage| &mut stage.entries) {
            if let StageEntry::Step(step) = entry {
                change(step);
            }
        }
    }
}

fn page(now: &Run, baseline: Baseline) -> String {
    let mut earlier = Earlier::default();
    earlier.baselines.insert(LOGIN, baseline);
    html(now, &earlier).expect("a page")
}

#[test]
fn the_page_shows_what_came_of_the_runs_before() {
    let past = [
        ("20261127-020304", Verdict::Passed),
        ("20261128-020304", Verdict::Flaky),
    ];
    let past = past.map(|(run, verdict)| PastResult {
        folder: format!("../{run}"),
        run: run.to_owned(),
        verdict,
        duration_ms: 41_000,
        began_alike: true,
    });
    let mut earlier = Earlier::default();
    earlier.past.insert(LOGIN, past.into());
    let page = html(&failed(), &earlier).expect("a page");
    let line = page.lines().find(|line| line.contains("class=\"past\""));
    insta::assert_snapshot!("html_past", line.expect("a line"));
}

#[test]
fn the_page_shows_both_screens_and_where_they_part() {
    let mut then = good();
    for scenario in &mut then.scenarios {
        for machine in scenario.attempts.iter_mut().flat_map(|it| &mut it.machines) {
            if let BackendFacts::Qemu { version, .. } = &mut machine.facts.backend {
                *version = "7.2.22".into();
            }
        }
    }
    insta::assert_snapshot!("html_against", content(&page(&failed(), baseline(then))));
}

#[test]
fn they_part_at_the_first_step_that_ended_differently() {
    let step = |against: &Against| {
        let parting = against.parting.expect("a step");
        (
            parting.now.id.clone(),
            parting.then.map(|then| then.outcome),
        )
    };
    let at = compared(&failed(), good(), step);
    assert_eq!(at, ("3.2".into(), Some(Some(StepOutcome::Passed))));
    // A step before that was left out this time.
    let mut now = failed();
    change_steps(&mut now, |step| {
        if step.id == "2" {
            step.outcome = Some(StepOutcome::Skipped);
        }
    });
    assert_eq!(compared(&now, good(), step).0, "2");
}

#[test]
fn a_step_that_the_good_run_did_not_have_is_where_they_part() {
    let mut then = good();
    change_steps(&mut then, |step| {
        if step.id == "3.2" {
            step.text = "see something-else".into();
        }
    });
    let (parting, differs) = compared(&failed(), then.clone(), |against| {
        let parting = against.parting.expect("a step");
        let differs = against.differences.iter().map(|it| it.what.clone());
        (
            (parting.now.id.clone(), parting.then.is_none()),
            differs.collect::<Vec<_>>(),
        )
    });
    assert_eq!(parting, ("3.2".into(), true));
    assert_eq!(differs, ["gnome-login step 3.2"]);
    let page = page(&failed(), baseline(then));
    assert!(page.contains("The other run has no such step."));
    assert!(page.contains("see something-else"));
}

#[test]
fn a_good_run_from_a_checkpoint_has_not_run_what_came_before() {
    let mut then = good();
    for scenario in &mut then.scenarios {
        for stage in scenario
            .attempts
            .iter_mut()
            .flat_map(|attempt| &mut attempt.stages)
        {
            stage.name = "something-later".into();
        }
    }
    let page = page(&failed(), baseline(then));
    assert!(page.contains("The other run did not run gnome-login"));
}

#[test]
fn only_a_step_that_took_much_longer_is_slow() {
    let slow = |now_ms: u64, then_ms: u64, usual: Option<u64>| {
        let (mut now, mut then) = (failed(), good());
        let set = |run: &mut Run, ms| {
            change_steps(run, |step| {
                if step.id == "1" {
                    step.duration_ms = ms;
                }
            });
        };
        set(&mut now, now_ms);
        set(&mut then, then_ms);
        let mut baseline = baseline(then);
        baseline.usual.extend(usual.map(|max_ms| UsualTime {
            stage: LOGIN.into(),
            step: "1".into(),
            text: "see gnome-greeter".into(),
            min_ms: 1_000,
            median_ms: 2_000,
            max_ms,
            runs: 9,
        }));
        let against = Against::of(&now, &now.scenarios[0], &baseline).expect("attempts");
        let ids = against.slow.iter().map(|slow| slow.step.id.clone());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(slow(90_000, 40_000, None), ["1"]);
    assert!(slow(70_000, 40_000, None).is_empty(), "less than twice");
    assert!(slow(900, 300, None).is_empty(), "too short to tell");
    assert!(slow(90_000, 40_000, Some(60_000)).is_empty(), "it varies");
    assert_eq!(slow(130_000, 40_000, Some(60_000)), ["1"]);
}

#[test]
fn files_are_compared_only_where_both_logs_name_them() {
    let input = |file: &str, digest: &str| InputFile {
        file: file.into(),
        digest: digest.into(),
    };
    let with = |mut run: Run, inputs: &[InputFile]| {
        for scenario in &mut run.scenarios {
            scenario.info.inputs = inputs.to_vec();
        }
        run
    };
    let differences = |now: &[InputFile], then: &[InputFile]| {
        compared(&with(failed(), now), with(good(), then), |against| {
            let told = against
                .differences
                .iter()
                .map(|it| (it.what.clone(), it.now.is_some(), it.then.is_some()));
            (against.names_files, told.collect::<Vec<_>>())
        })
    };
    let old = [input("scenarios/a.yaml", "1"), input("needles/b.json", "2")];
    let new = [input("scenarios/a.yaml", "9"), input("needles/c.json", "3")];
    assert_eq!(differences(&old, &old), (true, Vec::new()));
    assert_eq!(differences(&old, &[]), (false, Vec::new()));
    let told = vec![
        ("scenarios/a.yaml".into(), true, true),
        ("needles/c.json".into(), true, false),
        ("needles/b.json".into(), false, true),
    ];
    assert_eq!(differences(&new, &old), (true, told));
}

#[test]
fn what_held_is_not_compared() {
    let page = page(&good(), baseline(good()));
    assert!(!page.contains("The last good run"));
}

#[test]
fn a_scenario_that_the_good_run_does_not_have_is_not_compared() {
    let mut then = good();
    then.scenarios.clear();
    assert!(!page(&failed(), baseline(then)).contains("The last good run"));
}

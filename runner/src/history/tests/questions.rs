//! The questions that reports ask: the last good run, and the usual times of steps.

use std::path::Path;

use Verdict::{Error, Failed, Flaky, Passed, SoftFailed};
use reports::{StepOutcome, Verdict};

use super::super::steps::StepKey;
use super::super::{Cell, History, NeedleRun, Origin, Patience};
use super::sample::{self, Result};

fn history(results: &Path) -> History {
    let mut history = History::open(results, Patience::Command).unwrap();
    history.take_in().unwrap();
    history
}

fn cell(scenario: &str) -> Cell {
    Cell::of(&Result::of(scenario, Passed).info)
}

#[test]
fn the_last_good_run_is_the_newest_before_that_passed_or_soft_failed() {
    let dir = tempfile::tempdir().unwrap();
    // The order of time is not that of the names.
    for (second, (run, verdict)) in (1..).zip([
        ("e", Passed),
        ("d", Failed),
        ("c", SoftFailed),
        ("b", Error),
        ("a", Flaky),
        ("z", Passed),
    ]) {
        sample::run(dir.path(), run, second, &[Result::of("s", verdict)]);
    }
    let history = history(dir.path());
    let last_good = |scenario, before| {
        let folder = history.last_good(&cell(scenario), before).unwrap();
        folder.map(|folder| {
            folder
                .strip_prefix(dir.path())
                .unwrap()
                .display()
                .to_string()
        })
    };
    for (before, expected) in [
        ("e", None),
        ("d", Some("e")),
        ("c", Some("e")),
        ("b", Some("c")),
        ("a", Some("c")),
        ("z", Some("c")),
        // All runs are earlier than one that is not known.
        ("unknown", Some("z")),
    ] {
        assert_eq!(last_good("s", before).as_deref(), expected, "{before}");
    }
    assert_eq!(last_good("other", "z"), None);
}

#[test]
fn a_run_that_goes_on_has_earlier_runs_too() {
    let dir = tempfile::tempdir().unwrap();
    sample::run(dir.path(), "one", 1, &[Result::of("s", Passed)]);
    let history = history(dir.path());
    // This log is not taken in.
    sample::run(dir.path(), "two", 2, &[Result::of("s", Failed)]);
    let good = |before| history.last_good(&cell("s"), before).unwrap();
    assert_eq!(good("two"), Some(dir.path().join("one")));
    sample::run(dir.path(), "zero", 0, &[Result::of("s", Failed)]);
    assert_eq!(good("zero"), None);
}

#[test]
fn usual_times_are_of_earlier_runs_in_which_the_step_passed() {
    let dir = tempfile::tempdir().unwrap();
    for (second, (verdict, times)) in (1..).zip([
        (Passed, [9_000, 1]),
        (Passed, [10, 100]),
        (Failed, [20, 30_000]),
        (Passed, [30, 300]),
        (Passed, [77, 77]),
    ]) {
        let result = Result::of("s", verdict).steps(&times);
        let other = Result::of("other", Passed).steps(&[5, 5]);
        sample::run(
            dir.path(),
            &format!("run-{second}"),
            second,
            &[result, other],
        );
    }
    let history = history(dir.path());
    let times = history.usual_step_times(&cell("s"), "run-5", 3).unwrap();
    let of = |id: &str| {
        let key = StepKey {
            stage: "s".into(),
            id: id.into(),
            text: format!("see {id}"),
        };
        times.get(&key).map(|times| {
            let of = times.durations;
            (of.min_ms, of.median_ms, of.max_ms, times.runs)
        })
    };
    assert_eq!(of("1"), Some((10, 20, 30, 3)));
    assert_eq!(of("2"), Some((1, 100, 300, 3)), "it failed in one of them");
    assert_eq!(times.len(), 2);
    assert!(
        history
            .usual_step_times(&cell("s"), "run-1", 3)
            .unwrap()
            .is_empty()
    );
    assert!(
        history
            .usual_step_times(&cell("s"), "run-5", 0)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn all_of_a_result_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut result = Result::of("s", Failed).steps(&[100, 200]);
    result.similarity = 0.97;
    sample::run(dir.path(), "run", 1, &[result]);
    let history = history(dir.path());
    let cells = history.cells().unwrap();
    let [run] = cells[&cell("s")].as_slice() else {
        panic!("{cells:?}");
    };
    assert_eq!(
        (run.run.as_str(), run.verdict, run.duration_ms),
        ("run", Failed, 300)
    );
    assert_eq!((run.attempts, &run.origin), (1, &Some(Origin::PowerOn)));
    assert_eq!(run.image_digest.as_deref(), Some("sha256:1"));
    let cause = run.cause.as_ref().unwrap();
    assert_eq!(
        (cause.kind.as_str(), cause.line.as_str()),
        ("deadline", "it came out failed")
    );
    let steps = history.steps(run).unwrap();
    let outcomes: Vec<_> = steps
        .iter()
        .map(|step| (step.outcome, step.after_ms))
        .collect();
    let expected = [
        (Some(StepOutcome::Passed), Some(50)),
        (Some(StepOutcome::Failed), Some(100)),
    ];
    assert_eq!(outcomes, expected);
    let needles = history.needles(std::slice::from_ref(run)).unwrap();
    let [
        NeedleRun {
            matched,
            missed,
            reserve,
            ..
        },
    ] = needles["n"].as_slice()
    else {
        panic!("{needles:?}");
    };
    assert_eq!((*matched, *missed), (1, 1));
    assert!((reserve.unwrap() - 0.01).abs() < 1e-9, "{reserve:?}");
}

#[test]
fn the_result_of_a_part_is_no_result() {
    let dir = tempfile::tempdir().unwrap();
    let mut part = Result::of("s", Passed);
    part.info.part = Some("up to step 3".into());
    sample::run(dir.path(), "run", 1, &[part]);
    let history = history(dir.path());
    assert_eq!(history.run_count().unwrap(), 1);
    assert!(history.cells().unwrap().is_empty());
}

#[test]
fn the_usual_times_of_a_cell_are_those_of_its_last_results() {
    let dir = tempfile::tempdir().unwrap();
    for (second, (verdict, times)) in (1..).zip([
        (Passed, [90_000, 1]),
        (Passed, [4_000, 100]),
        (Failed, [6_000, 200]),
        (Passed, [5_000, 300]),
    ]) {
        let result = Result::of("s", verdict).steps(&times);
        sample::run(dir.path(), &format!("run{second}"), second, &[result]);
    }
    let history = history(dir.path());
    let usual = |last| history.usual(&cell("s"), last).unwrap();
    let first = StepKey {
        stage: "s".into(),
        id: "1".into(),
        text: "see 1".into(),
    };
    let longest = |last| usual(last).steps[&first].longest_ms();
    assert_eq!(longest(3), Some(6_000));
    assert_eq!(longest(20), Some(90_000));
    // Two results are too few to say what is usual.
    assert_eq!(longest(2), None);
    let seconds = usual(3).duration.map(|time| time.as_secs());
    assert!(
        seconds.is_some_and(|seconds| (4..7).contains(&seconds)),
        "{seconds:?}"
    );
    let unknown = history.usual(&cell("other"), 20).unwrap();
    assert!(unknown.duration.is_none() && unknown.steps.is_empty());
}

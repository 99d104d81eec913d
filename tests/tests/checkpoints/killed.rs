//! `kill -9` of `qa`: the cache is good afterwards, and the next run is right.

use qa_tests::{Entry, Outcome, Qa, Running, Screen, act, on};
use reports::Verdict;
use rustix::process::Signal;

use super::{is_clean, login, machine, project, starts, warm};

#[track_caller]
fn goes_on(outcome: &Outcome, start: &str) {
    let started = goes_on_somewhere(outcome);
    assert_eq!(started, [start]);
}

/// Tells where the next run started.
#[track_caller]
fn goes_on_somewhere(outcome: &Outcome) -> Vec<String> {
    is_clean(outcome);
    let next = outcome
        .then()
        .machine(machine())
        .args(["run", "one"])
        .exit_code(0);
    assert_eq!(next.scenario("one").verdict, Verdict::Passed);
    assert_eq!(next.checkpoints().len(), 1);
    is_clean(&next);
    let pruned = next.then().args(["cache", "prune", "--all"]);
    let pruned = pruned.any_stdout().any_stderr().exit_code(0);
    assert!(pruned.checkpoints().is_empty(), "nobody holds it");
    starts(&next, "one")
}

#[test]
fn while_saving() {
    let outcome = project()
        .machine(machine().on(on::saving(), [act::signal_qa("KILL")]))
        .args(["run", "one"])
        .start()
        .ended_by(Signal::KILL);
    assert!(outcome.checkpoints().is_empty());
    let report = outcome.then().args(["report"]).any_stdout().exit_code(0);
    report.shows("`qa` is killed while a machine is saved");
    goes_on(&outcome, "power-on");
}

#[test]
fn just_after_saving() {
    let outcome = project()
        .machine(machine().on(on::restoring(), [act::signal_qa("KILL")]))
        .args(["run", "one"])
        .start()
        .ended_by(Signal::KILL);
    goes_on(&outcome, "earlier:login");
}

#[test]
fn while_restoring() {
    let outcome = warm()
        .then()
        .machine(machine().on(on::restoring(), [act::signal_qa("KILL")]))
        .args(["run", "one"])
        .start()
        .ended_by(Signal::KILL);
    goes_on(&outcome, "earlier:login");
}

#[test]
fn while_running_from_a_checkpoint() {
    let outcome = warm()
        .then()
        .machine(login().on(on::typed("one"), [act::signal_qa("KILL")]))
        .args(["run", "one"])
        .start()
        .ended_by(Signal::KILL);
    goes_on(&outcome, "earlier:login");
}

#[test]
fn while_another_uses_the_same_checkpoint() {
    let warm = warm();
    let patient = "image: disk\nafter: login\nsteps:\n  - see: desktop\n  - type: one\n  \
        - see: { needle: first, within: 60s }\n";
    let mut other = warm
        .then()
        .scenario("one", patient)
        .machine(login().on(on::told("go on"), [act::show(&Screen::of("first"))]))
        .args(["run", "one", "--results", "other"])
        .start();
    other.reaches(|entry| *entry == Entry::Typed("e".into()));
    let killed = warm
        .then()
        .machine(login().on(on::typed("two"), [act::signal_qa("KILL")]))
        .args(["run", "two"])
        .start()
        .ended_by(Signal::KILL);
    // In use, so it stays.
    let pruned = killed.then().args(["cache", "prune", "--all"]);
    let pruned = pruned.any_stdout().any_stderr().exit_code(0);
    assert_eq!(pruned.checkpoints().len(), 1);
    other.tell("go on");
    let outcome = other.exit_code(0);
    goes_on(&outcome, "earlier:login");
}

/// Where one of two runs stands that need the same checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    Saving,
    Restoring,
    Running,
}

/// The scenario with a deadline that no test reaches.
fn patient() -> Qa {
    project().scenario(
        "one",
        "image: disk\nafter: login\nsteps:\n  - see: desktop\n  - type: one\n  - see: { needle: first, within: 60s }\n",
    )
}

/// Whether it is in its own part: what is typed before has no such letter.
fn has_typed(entry: &Entry) -> bool {
    *entry == Entry::Typed("o".into())
}

/// Starts a run, and waits until it stands there.
fn stand(qa: Qa, results: &str, place: Stands) -> Running {
    let machine = match place {
        Stands::Saving => login().on(on::saving(), [act::hang()]),
        Stands::Restoring => login().on(on::restoring(), [act::hang()]),
        Stands::Running => login(),
    };
    let qa = qa
        .machine(machine)
        .args(["run", "one", "--results", results]);
    let mut running = qa.start();
    let asked = |entry: &Entry, name: &str| match entry {
        Entry::Command(command) => command["execute"] == name,
        _ => false,
    };
    running.reaches(|entry| match place {
        Stands::Saving => asked(entry, "migrate"),
        Stands::Restoring => asked(entry, "migrate-incoming"),
        Stands::Running => has_typed(entry),
    });
    running
}

#[test]
fn two_that_need_the_same_checkpoint_wherever_they_stand() {
    use Stands::{Restoring, Running, Saving};
    for (first, second, start) in [
        // The second goes on without saving.
        (Saving, Running, "power-on"),
        (Restoring, Restoring, "earlier:login"),
        (Restoring, Running, "earlier:login"),
        (Running, Restoring, "earlier:login"),
        (Running, Running, "earlier:login"),
    ] {
        let qa = patient();
        let beside = qa.beside();
        let one = stand(qa, "one", first);
        let other = stand(beside, "two", second);
        one.signal(Signal::KILL);
        other.signal(Signal::KILL);
        drop(one.ended_by(Signal::KILL));
        let outcome = other.ended_by(Signal::KILL);
        goes_on(&outcome, start);
    }
}

#[test]
fn two_runs_that_make_the_same_checkpoint_at_once_both_hold() {
    let qa = project();
    let beside = qa.beside();
    let start = |qa: Qa, more: &[&str]| {
        let qa = qa.machine(machine()).args(["run", "one"]);
        qa.args(more.iter().copied()).start()
    };
    let (one, other) = (start(qa, &[]), start(beside, &["--results", "other"]));
    let (one, other) = (one.exit_code(0), other.exit_code(0));
    one.shows("two runs make one checkpoint at once");
    assert_eq!(other.checkpoints().len(), 1);
    is_clean(&other);
}

#[test]
fn two_that_save_the_same_checkpoint_at_any_moment() {
    // After so many things that its machine was asked or has done, counted from the start of each.
    for (first, second) in [(2, 9), (7, 7), (11, 4), (14, 15), (18, 12), (21, 24)] {
        let qa = patient();
        let beside = qa.beside();
        let start = |qa: Qa, results| {
            let qa = qa
                .machine(login())
                .args(["run", "one", "--results", results]);
            qa.start()
        };
        let mut one = start(qa, "one");
        let mut other = start(beside, "two");
        let end = |running: &mut Running, count: usize| {
            // Where it has less to do than that, it is killed at the last of it.
            running.has_done(|done| done.len() >= count || done.iter().any(has_typed));
            running.signal(Signal::KILL);
        };
        end(&mut one, first);
        end(&mut other, second);
        drop(one.ended_by(Signal::KILL));
        let outcome = other.ended_by(Signal::KILL);
        let started = goes_on_somewhere(&outcome);
        assert!(
            started == ["power-on"] || started == ["earlier:login"],
            "{started:?}"
        );
    }
}

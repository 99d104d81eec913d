//! Checkpoints: what was run once is not run again, and never changes what a run comes to.

mod again;
mod clock;
mod damage;
mod files;
mod killed;
mod media;
mod parallel;
mod reuse;
mod same;
mod saving;
mod trust;

use std::path::PathBuf;

use qa_tests::{Fake, Outcome, Qa, Screen, act, on};
use reports::StartedFrom;

use crate::qa;

/// A login, and two scenarios that start after it.
fn project() -> Qa {
    qa().steps("login", "- type: \"alice\\n\"\n- see: desktop")
        .scenario("one", &after_login("one", "first"))
        .scenario("two", &after_login("two", "second"))
        .needles(["desktop", "first", "second", "wrong"])
}

/// A scenario that looks at the desktop, types something and judges what comes of it. It fails as soon as something
/// wrong comes, and not after a time that a busy host may need for what is right.
fn after_login(types: &str, sees: &str) -> String {
    format!(
        "image: disk\nafter: login\nsteps:\n  - see: desktop\n  - type: {types}\n  - see: [{sees}, wrong]\n  \
        - assert: seen({sees})\n"
    )
}

/// A machine without what the two scenarios wait for.
fn login() -> Fake {
    Fake::shows(&Screen::of("greeter"))
        .on(on::typed("alice\n"), [act::show(&Screen::of("desktop"))])
}

/// A machine that shows something wrong to both scenarios.
fn never_right() -> Fake {
    login()
        .on(on::typed("one"), [act::show(&Screen::of("wrong"))])
        .on(on::typed("two"), [act::show(&Screen::of("wrong"))])
}

/// The machine of the project.
fn machine() -> Fake {
    login()
        .on(on::typed("one"), [act::show(&Screen::of("first"))])
        .on(on::typed("two"), [act::show(&Screen::of("second"))])
}

/// The project after a run of `one`: its cache has the end of `login`.
fn warm() -> Outcome {
    let outcome = project()
        .machine(machine())
        .args(["run", "one"])
        .exit_code(0);
    assert_eq!(outcome.saved(), ["login"]);
    assert_eq!(outcome.checkpoints().len(), 1);
    outcome
}

/// The only checkpoint of the cache.
#[track_caller]
fn only(outcome: &Outcome) -> PathBuf {
    let mut all = outcome.checkpoints();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// Where attempts started, in short: `power-on`, `left:login`, `login` (this run) or `earlier:login`.
fn starts(outcome: &Outcome, name: &str) -> Vec<String> {
    let short = |(from, _)| match from {
        StartedFrom::PowerOn => "power-on".to_owned(),
        StartedFrom::Continued { scenario } => format!("left:{scenario}"),
        StartedFrom::Checkpoint {
            scenario, this_run, ..
        } => match this_run {
            true => scenario,
            false => format!("earlier:{scenario}"),
        },
    };
    outcome.attempts(name).into_iter().map(short).collect()
}

/// Every byte of the cache is as it was saved.
#[track_caller]
fn is_clean(outcome: &Outcome) {
    outcome
        .then()
        .args(["cache", "verify"])
        .any_stdout()
        .exit_code(0);
}

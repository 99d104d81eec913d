//! What a guest may do that no other module is about: each comes to a verdict at its time, with little left behind.

use qa_tests::{Badge, Fake, Outcome, Screen, act, on};
use reports::{Event, MachineNews};

use crate::steps;

/// Whatever a guest does without end, a run of some seconds leaves no more than this.
const MOST_BYTES: usize = 4 << 20;

#[track_caller]
fn is_small(outcome: &Outcome) {
    let bytes: usize = outcome
        .files()
        .iter()
        .map(|(_, content)| content.len())
        .sum();
    assert!(bytes < MOST_BYTES, "{bytes} bytes are left");
}

#[test]
fn restarts_without_end_where_any_are_allowed() {
    let outcome = steps("")
        .needles(["login"])
        .scenario(
            "s",
            "image: disk\nwatch: [{ reboots: any }]\nsteps:\n  - see: { needle: login, within: 300ms }\n",
        )
        .machine(Fake::new().whenever(on::shown(10), [act::reset()]))
        .exit_code(1);
    outcome.shows("the guest restarts without end, and `reboots: any` allows it");
    let is_reset = |event: &Event| {
        matches!(
            event,
            Event::Machine {
                what: MachineNews::Reset { .. },
                ..
            }
        )
    };
    let resets = outcome
        .events()
        .iter()
        .filter(|event| is_reset(event))
        .count();
    assert!(resets > 20, "{resets}");
    is_small(&outcome);
}

#[test]
fn a_black_screen() {
    // A picture of the guest: black, and none that QEMU makes where there is none.
    let black: Vec<u8> = [b"P6\n160 120\n255\n".as_slice(), &[0; 160 * 120 * 3]].concat();
    let outcome = steps("- see: { needle: login, within: 100ms }")
        .needles(["login"])
        .machine(Fake::new().on(on::boot(), [act::show_bytes(&black)]))
        .exit_code(1);
    outcome.shows("the guest's screen stays black");
}

/// A machine that shows these screens one after the other, each for a moment, for longer than any step here waits.
fn restless(screens: [Screen; 2]) -> Fake {
    let turns = screens.iter().cycle().take(600);
    turns.fold(Fake::shows(&Screen::of("x")), |fake, screen| {
        fake.on(on::shown(10), [act::show(screen)])
    })
}

#[test]
fn a_screen_that_changes_without_end() {
    let outcome = steps("- still: { for: 500ms, within: 200ms }")
        .machine(restless([Screen::of("one"), Screen::of("two")]))
        .exit_code(1);
    outcome.shows("the guest's screen changes without end");
    is_small(&outcome);
}

#[test]
fn modes_that_change_without_end() {
    let outcome = steps("- see: { needle: login, within: 200ms }")
        .needle(&Badge::of("login"))
        .machine(restless([Screen::sized(72, 40), Screen::sized(320, 240)]))
        .exit_code(1);
    outcome.shows("the guest changes its screen mode without end");
    is_small(&outcome);
}

fn with_agent() -> Fake {
    Fake::new().on(on::boot(), [act::agent_comes()])
}

const RUNS: &str = "- run: { command: 'true', within: 100ms }";

#[test]
fn an_agent_that_answers_nothing() {
    let outcome = steps(RUNS)
        .machine(with_agent().agent_is_silent())
        .exit_code(1);
    outcome.shows("the guest's agent hangs");
}

#[test]
fn an_agent_that_answers_another_question() {
    let outcome = steps(RUNS)
        .machine(
            with_agent()
                .agent_says("guest-sync", "{\"return\": 7}")
                .agent_says("guest-sync-delimited", "\u{ff}{\"return\": 7}"),
        )
        .exit_code(1);
    outcome.shows("the guest's agent answers with wrong ids");
}

#[test]
fn an_agent_whose_answer_is_megabytes_of_nonsense() {
    let outcome = steps(RUNS)
        .machine(with_agent().agent_says("guest-exec", &"x".repeat(3 << 20)))
        .exit_code(1);
    outcome.shows("the guest's agent floods its channel");
    is_small(&outcome);
}

#[test]
fn an_agent_that_talks_unasked() {
    let machine = with_agent()
        .answers("true", 0, "")
        .agent_says("guest-sync-delimited", &"{\"return\": {}}\n".repeat(50_000));
    let outcome = steps(RUNS).machine(machine).exit_code(1);
    outcome.shows("the guest's agent talks unasked");
    is_small(&outcome);
}

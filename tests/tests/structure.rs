//! `group`, `include`, `each`, `set`, `assert`, `when`, `vars`.

use qa_tests::{Fake, Screen, act, on};
use reports::{CauseKind, StepOutcome};

use crate::{qa, steps};

#[test]
fn a_group_is_tried_again_as_often_as_it_says() {
    let group = "- group:\n    name: wake up\n    retry: 2\n    steps:\n      - type: a\n      \
        - see: { needle: login, within: 20ms }";
    let outcome = steps(group)
        .needles(["login"])
        .machine(Fake::new().on(on::typed("aa"), [act::show(&Screen::of("login"))]))
        .exit_code(0);
    assert_eq!(outcome.journal().typed(), "aa");
    assert!(
        outcome
            .file("events.jsonl")
            .contains("group `wake up` is tried again")
    );
    let outcome = steps(group).needles(["login"]).exit_code(1);
    assert_eq!(outcome.journal().typed(), "aaa");
    assert_eq!(outcome.cause("s").step.as_deref(), Some("s step 1.2"));
}

#[test]
fn an_optional_group_may_fail_but_not_the_machine_in_it() {
    let group = "- group:\n    name: tour\n    optional: true\n    steps:\n      \
        - see: { needle: tour, within: 20ms }\n- note: after";
    let outcome = steps(group).needles(["tour"]).exit_code(0);
    assert!(
        outcome
            .file("events.jsonl")
            .contains("optional group `tour` did not hold")
    );
    let outcome = steps(group)
        .needles(["tour"])
        .machine(Fake::new().on(on::captures(1), [act::panic()]))
        .exit_code(1);
    assert_eq!(outcome.cause("s").kind, CauseKind::Panic);
}

#[test]
fn an_included_fragment_runs_with_its_variables() {
    let outcome = qa()
        .scenario(
            "s",
            "image: disk\nvars: { user: alice }\nsteps:\n  \
            - include: { file: log-in.yaml, vars: { user: bob } }\n  - type: '{{ user }}'\n",
        )
        .scenario(
            "log-in",
            "fragment: true\nsteps:\n  - type: \"{{ user }}\\n\"\n",
        )
        .args(["run", "s"])
        .exit_code(0);
    assert_eq!(outcome.journal().typed(), "bob\nalice");
}

#[test]
fn each_repeats_its_steps_for_every_item() {
    let outcome =
        steps("- each:\n    in: [one, two]\n    as: word\n    steps:\n      - type: '{{ word }} '")
            .exit_code(0);
    assert_eq!(outcome.journal().typed(), "one two ");
}

#[test]
fn set_and_when_and_assert_see_the_same_variables() {
    let outcome = steps(
        "- set: { colour: blue }\n- { type: 'yes', when: colour == 'blue' }\n- { type: 'no', when: colour != 'blue' }\n\
        - assert: colour == 'blue'",
    )
    .exit_code(0);
    assert_eq!(outcome.journal().typed(), "yes");
    assert_eq!(outcome.steps()[2].1, StepOutcome::Skipped);
    let outcome = steps(
        "- set: { colour: blue }\n- assert: { that: colour == 'red', message: the sky is wrong }",
    )
    .exit_code(1);
    let cause = outcome.cause("s");
    assert_eq!(
        (cause.kind, cause.message.as_str()),
        (CauseKind::Assertion, "the sky is wrong: colour is \"blue\"")
    );
}

#[test]
fn variables_of_the_command_line_win() {
    let scenario = "image: disk\nvars: { user: alice }\nsteps:\n  - type: '{{ user }}'\n";
    let outcome = qa()
        .scenario("s", scenario)
        .args(["run", "s", "--var", "user=carol"])
        .exit_code(0);
    assert_eq!(outcome.journal().typed(), "carol");
}

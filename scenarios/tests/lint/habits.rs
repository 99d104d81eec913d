//! What is allowed and seldom meant.

use scenarios::{Code, Date, Library, Source, expired};

use super::{Case, assert_golden};

#[test]
fn a_sleep_is_a_warning() {
    let mut case = Case::new().steps(
        "  - run: sleep 30\n  - type: \"sleep 5; poweroff\\n\"\n  - serial: { send: \"sleep 1\\n\" }\n  \
         - run: until test -e /x; do sleep 1; done\n",
    );
    case.files[0]
        .1
        .push_str("watch: [{ run: 'sleep 1; true', every: 5s }]\n");
    let sleeps = case
        .findings()
        .iter()
        .filter(|f| f.code == Code::Sleep)
        .count();
    assert_eq!(sleeps, 4);
    case.finds(Code::Sleep, "sleep");
}

#[test]
fn a_deadline_of_no_time_is_an_error() {
    Case::new()
        .steps("  - see: { needle: login, within: 0s }\n")
        .finds(Code::DeadlineZero, "deadline_of_no_time");
}

#[test]
fn a_condition_that_nothing_can_change_is_a_warning() {
    Case::new()
        .steps("  - note: { text: a, when: '\"arch\" == \"x86_64\"' }\n  - assert: 1 == 1\n")
        .finds(Code::DeadWhen, "dead_condition");
}

#[test]
fn a_watch_that_is_not_there_cannot_be_switched_off() {
    Case::new()
        .project("images: { gnome: { recipe: gnome } }\nwatch: [{ name: kernel, serial: panic }]\n")
        .file(
            "a",
            "watch: [{ off: kernle }, { name: x, serial: a }, { name: x, serial: b }]\n\
            steps: [{ see: [login, desktop] }]\n",
        )
        .finds(Code::UnknownWatch, "unknown_watch");
}

#[test]
fn a_watch_that_is_switched_off_is_not_checked() {
    Case::new()
        .project("images: { gnome: { recipe: gnome } }\nwatch: [{ name: oops, needle: oops }]\n")
        .file(
            "a",
            "watch: [{ off: oops }]\nsteps: [{ see: [login, desktop] }]\n",
        )
        .clean();
}

#[test]
fn the_number_of_the_attempt_is_a_variable_of_steps() {
    Case::new()
        .steps("  - type: 'echo {{ attempt }}'\n  - note: { text: a, when: \"attempt == '1'\" }\n")
        .clean();
}

#[test]
fn what_is_made_once_for_all_attempts_cannot_use_their_number() {
    Case::new()
        .file(
            "boot",
            "vars: { word: '{{ attempt }}' }\nwatch: [{ run: 'echo {{ attempt }}', every: 5s }]\n\
             steps: [{ see: [login, desktop] }]\n",
        )
        .finds(Code::UnknownVariable, "attempt_outside_steps");
}

#[test]
fn a_scenario_that_others_start_after_should_not_differ_from_attempt_to_attempt() {
    Case::new()
        .file(
            "boot",
            "steps:\n  - see: login\n  - group: { name: g, steps: [{ press: a }, { type: 'echo {{ attempt }}' }] }\n",
        )
        .file("next", "after: boot\nsteps:\n  - see: desktop\n  - type: '{{ attempt }}'\n")
        .finds(Code::AttemptShared, "attempt_shared");
}

#[test]
fn a_soft_failure_is_over_after_its_day() {
    let text = "steps:\n  - soft_fail: { reason: slow, ticket: '#1', expires: 2026-03-31 }\n  \
        - soft_fail: { reason: x, ticket: '#2' }\n";
    let (library, _) = Library::read([Source::new("scenarios/boot.yaml", text)]);
    let on = |day: u8, month: u8| expired(&library, Date::new(2026, month, day).expect("a day"));
    assert_eq!(on(31, 3), []);
    assert_golden("lint", "expired", &on(1, 4));
}

#[test]
fn a_panic_that_is_expected_and_watched_for_is_a_warning() {
    let case = |watch: &str| {
        Case::new()
            .project("images: { gnome: { recipe: gnome } }\nwatch: [panic, oops]\n")
            .file(
                "a",
                &format!("{watch}steps:\n  - see: [login, desktop]\n    resets: {{ panic: 1 }}\n"),
            )
    };
    case("").finds(Code::WatchedPanic, "watched_panic");
    case("watch: [{ off: panic }]\n").clean();
}

#[test]
fn a_pattern_that_matches_what_is_sent_is_a_warning() {
    let echoes = |step: &str| {
        let findings = Case::new().steps(step).findings();
        findings.iter().filter(|f| f.code == Code::Echo).count()
    };
    for (step, expected) in [
        ("  - serial: { send: \"echo DONE\\n\", regex: DONE }\n", 1),
        (
            "  - serial: { send: \"a\\ngrep panic x\\n\", absent: panic, for: 1s }\n",
            1,
        ),
        (
            "  - serial: { send: \"echo DONE\\n\", regex: '^DONE$' }\n",
            0,
        ),
        ("  - serial: { send: \"\\n\", until: 'login: $' }\n", 0),
        ("  - serial: { send: \"DONE\\n\" }\n  - serial: DONE\n", 0),
    ] {
        assert_eq!(echoes(step), expected, "{step}");
    }
}

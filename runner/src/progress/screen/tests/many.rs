//! Tests of what is told of many scenarios: failures, slow steps, overall progress.

use super::*;

#[test]
fn a_failure_is_told_when_it_happens_with_its_step_and_its_picture() {
    let mut watched = Watched::new();
    watched.begins("login");
    watched.step_begins("login", "2.1", "see desktop");
    let why = "no needle tagged `desktop` matched within 3m: the screen is black";
    assert_eq!(
        watched.fails("login", Verdict::Failed, why),
        format!(
            "login: failed in 1m 5s: {why}\n  at  scenarios/login.yaml:9:5, login step 2.1\n  \
            picture  qa-results/1/login/frames/7.png\n"
        )
    );
    assert_eq!(watched.picture.as_deref(), Some("login/frames/7.png"));
    watched.begins("other");
    let told = watched.fails("other", Verdict::Skipped, "the machine has no `tpm`");
    assert_eq!(told, "other: skipped in 1m 5s: the machine has no `tpm`\n");
    assert_eq!(watched.picture, None);
}

#[test]
fn failures_of_one_reason_have_three_pictures_and_each_has_its_path() {
    let mut watched = Watched::new();
    let mut shown = Vec::new();
    for number in 0..5 {
        let name = format!("s{number}");
        watched.begins(&name);
        let told = watched.fails(&name, Verdict::Error, "this host lacks QEMU");
        assert!(
            told.contains(&format!("picture  qa-results/1/{name}/")),
            "{told}"
        );
        shown.push(watched.picture.is_some());
    }
    assert_eq!(shown, [true, true, true, false, false]);
    watched.fails("s5", Verdict::Error, "another reason");
    assert!(watched.picture.is_some());
}

#[test]
fn a_slow_step_is_marked_while_it_runs_and_when_it_held() {
    let mut watched = Watched::new();
    let mut usual = Usual::default();
    usual.set_step("login", "1", "see greeter", 20_000);
    watched.screen.learn(usual);
    watched.begins("login");
    watched.step_begins("login", "1", "see greeter");
    watched.later(39);
    assert_eq!(watched.status(WIDE), ["  ▸ 1 see greeter   0:39 of 6:00"]);
    watched.later(1);
    assert_eq!(
        watched.status(WIDE),
        ["  ▸ 1 see greeter   0:40 of 6:00   slow, usually up to 20s"]
    );
    assert_eq!(
        watched.step_ends("login", "1"),
        "  ✓ 1 see greeter  1m 5s  slow, usually up to 20s\n"
    );
    // Nothing is known of this one, so half of its deadline counts.
    watched.step_begins("login", "2", "see desktop");
    watched.later(181);
    assert_eq!(
        watched.status(WIDE),
        ["  ▸ 2 see desktop   3:01 of 6:00   slow, over half of its time"]
    );
    assert_eq!(
        watched.step_ends("login", "2"),
        "  ✓ 2 see desktop  1m 5s\n"
    );
}

#[test]
fn a_step_of_an_earlier_scenario_is_named_with_it() {
    let mut watched = Watched::new();
    watched.begins("calculator");
    watched.step_of("calculator", "login", "1", "see greeter");
    assert_eq!(
        watched.status(WIDE),
        ["  ▸ login 1 see greeter   0:00 of 6:00"]
    );
    assert_eq!(
        watched.step_ends("calculator", "1"),
        "  ✓ login 1 see greeter  1m 5s\n"
    );
}

#[test]
fn the_last_line_says_how_far_the_run_is() {
    let mut watched = Watched::new();
    watched.run_of(&["a", "b", "c", "d"], Rules::default());
    watched.begins("a");
    watched.fails("a", Verdict::Failed, "x");
    watched.begins("b");
    watched.begins("c");
    assert_eq!(
        watched.status(WIDE),
        [
            "  … b  0:00",
            "  … c  0:00",
            "  1/4, 1 failed, 2 running, about 2 min left"
        ]
    );
    assert_eq!(
        watched.status(NARROW),
        [
            "  … b  0:00",
            "  … c  0:00",
            "  1/4, 1 failed, about 2 min left"
        ]
    );
    // It stays where there is no room for all attempts.
    let low = Size { rows: 6, ..WIDE };
    assert_eq!(
        watched.status(low),
        [
            "  … b  0:00",
            "  1/4, 1 failed, 2 running, about 2 min left"
        ]
    );
}

#[test]
fn the_address_of_a_paused_machine_stays_in_sight_while_others_run() {
    let mut watched = Watched::new();
    watched.begins("a");
    watched.begins("b");
    watched.step_begins("a", "3", "pause");
    let text =
        "paused; the machine runs, and `vncviewer 127.0.0.1:5900` shows its screen; Enter goes on";
    let told = watched.takes("a", Event::Note { text: text.into() });
    assert_eq!(told, format!("  a  note: {text}\n"));
    watched.later(300);
    let lines = watched.status(NARROW).join("\n");
    assert!(lines.contains("vncviewer 127.0.0.1:5900"), "{lines}");
    assert!(!lines.contains("slow"), "{lines}");
    watched.step_ends("a", "3");
    assert!(!watched.status(NARROW).join("\n").contains("vncviewer"));
}

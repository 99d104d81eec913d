//! Tests of the text on the terminal.

mod many;
mod watched;

use super::*;
use crate::progress::draw::redraw;
use reports::Rules;
use watched::{NARROW, WIDE, Watched};

#[test]
fn the_status_line_names_step_clock_deadline_and_best_score() {
    let mut watched = Watched::new();
    assert_eq!(
        watched.begins("gnome-login"),
        "gnome-login  from power-on\n"
    );
    watched.step_begins("gnome-login", "1", "see gnome-greeter");
    watched.best("gnome-login", "gnome-greeter", 0.714);
    watched.later(65);
    assert_eq!(
        watched.status(WIDE),
        ["  ▸ 1 see gnome-greeter   1:05 of 6:00   best gnome-greeter 0.71 of 0.96"]
    );
    assert_eq!(
        watched.status(NARROW),
        [
            "  ▸ 1 see gnome-greeter",
            "    1:05 of 6:00   best 0.71 of 0.96"
        ]
    );
    assert_eq!(
        watched.step_ends("gnome-login", "1"),
        "  ✓ 1 see gnome-greeter  1m 5s\n"
    );
    assert_eq!(watched.status(WIDE), ["  … 1:05"]);
    assert_eq!(
        watched.ends("gnome-login"),
        "gnome-login: passed in 1m 5s\n"
    );
    assert!(watched.status(WIDE).is_empty());
}

#[test]
fn every_running_scenario_has_its_line_and_its_own_step_and_score() {
    let mut watched = Watched::new();
    watched.begins("files");
    watched.begins("editor");
    watched.step_begins("files", "1", "see files");
    watched.later(3);
    watched.step_begins("editor", "1", "see editor");
    watched.best("files", "files-window", 0.5);
    assert_eq!(
        watched.status(WIDE),
        [
            "  ▸ files  1 see files   0:03 of 6:00   best files-window 0.50 of 0.96",
            "  ▸ editor  1 see editor   0:00 of 6:00",
        ]
    );
    assert_eq!(
        watched.step_ends("editor", "1"),
        "  editor  ✓ 1 see editor  1m 5s\n"
    );
    watched.ends("editor");
    // Lines of another stand above, so it is named though it is alone by now.
    assert_eq!(
        watched.step_ends("files", "1"),
        "  files  ✓ 1 see files  1m 5s\n"
    );
    watched.ends("files");
    watched.begins("clock");
    watched.step_begins("clock", "1", "see clock");
    assert_eq!(watched.step_ends("clock", "1"), "  ✓ 1 see clock  1m 5s\n");
}

#[test]
fn attempts_at_one_scenario_side_by_side_have_lines_of_their_own() {
    let mut watched = Watched::new();
    watched.run_begins(Rules {
        repeats: true,
        ..Rules::default()
    });
    assert_eq!(watched.of(1).begins("login"), "login#1  from power-on\n");
    assert_eq!(watched.of(2).begins("login"), "login#2  from power-on\n");
    watched.of(1).step_begins("login", "1", "see greeter");
    watched.of(2).step_begins("login", "1", "see greeter");
    watched.of(1).best("login", "greeter", 0.5);
    assert_eq!(
        watched.status(WIDE),
        [
            "  ▸ login#1  1 see greeter   0:00 of 6:00   best greeter 0.50 of 0.96",
            "  ▸ login#2  1 see greeter   0:00 of 6:00",
        ]
    );
    assert_eq!(
        watched.of(2).step_ends("login", "1"),
        "  login#2  ✓ 1 see greeter  1m 5s\n"
    );
    assert_eq!(watched.of(2).ends("login"), "login#2: passed in 1m 5s\n");
    assert_eq!(
        watched.status(WIDE),
        ["  ▸ login#1  1 see greeter   0:00 of 6:00   best greeter 0.50 of 0.96"]
    );
}

#[test]
fn another_try_is_called_so_and_its_lines_are_those_of_the_scenario() {
    let mut watched = Watched::new();
    watched.run_begins(Rules::default());
    watched.of(1).begins("login");
    assert_eq!(watched.of(1).ends("login"), "login: passed in 1m 5s\n");
    assert_eq!(
        watched.of(2).begins("login"),
        "login  from power-on (attempt 2)\n"
    );
    watched.of(2).step_begins("login", "1", "see greeter");
    assert_eq!(watched.status(WIDE), ["  ▸ 1 see greeter   0:00 of 6:00"]);
}

#[test]
fn more_scenarios_than_rows_are_counted() {
    let mut watched = Watched::new();
    for number in 0..10 {
        watched.begins(&format!("s{number}"));
    }
    let rows = |rows| Size { rows, ..WIDE };
    assert_eq!(watched.status(rows(14)).len(), 10);
    assert_eq!(
        watched.status(rows(7)),
        ["  … s0  0:00", "  … s1  0:00", "  … and 8 more"]
    );
    for low in 0..6 {
        assert_eq!(
            watched.status(rows(low)).len(),
            low.saturating_sub(4).max(1)
        );
    }
    let two_lines_each = Size {
        columns: 20,
        rows: 7,
        ..WIDE
    };
    for number in 0..10 {
        watched.step_begins(&format!("s{number}"), "1", "see something");
    }
    assert_eq!(
        watched.status(two_lines_each),
        ["  ▸ s0  1 see some…", "    0:00 of 6:00", "  … and 9 more"]
    );
}

#[test]
fn a_group_is_told_by_its_steps() {
    let mut watched = Watched::new();
    watched.begins("a");
    watched.step_begins("a", "1", "group log in");
    watched.step_begins("a", "1.1", "type •••");
    assert_eq!(watched.step_ends("a", "1.1"), "  ✓ 1.1 type •••  1m 5s\n");
    assert_eq!(watched.status(WIDE), ["  ▸ 1 group log in   0:00 of 6:00"]);
    assert_eq!(watched.step_ends("a", "1"), "");
}

#[test]
fn what_is_drawn_is_drawn_over_line_by_line() {
    let lines = |count: usize| vec!["line".to_owned(); count];
    assert_eq!(redraw(0, "", &lines(1)), "\r\x1b[Jline");
    assert_eq!(redraw(1, "done\n", &lines(2)), "\r\x1b[Jdone\nline\nline");
    assert_eq!(redraw(3, "", &[]), "\r\x1b[2A\x1b[J");
}

#[test]
fn news_of_checkpoints_name_the_scenario_unless_they_stand_below_its_heading() {
    let mut watched = Watched::new();
    let unusable = Event::CheckpointUnusable {
        stage: "login".into(),
        reason: "its disk is damaged".into(),
    };
    assert_eq!(
        watched.takes("calculator", unusable.clone()),
        "  calculator  no checkpoint of login: its disk is damaged\n"
    );
    watched.begins("calculator");
    assert_eq!(
        watched.takes("calculator", unusable),
        "  no checkpoint of login: its disk is damaged\n"
    );
    watched.ends("calculator");
    let told = watched.takes(
        "calculator",
        Event::CheckpointBlamed {
            stage: "login".into(),
            key: "1f2e3d4c5b6a".into(),
        },
    );
    assert!(told.starts_with("calculator: failed from the checkpoint of login"));
}

#[test]
fn a_guest_cannot_write_to_the_terminal() {
    let mut watched = Watched::new();
    watched.begins("a\x1b[2J");
    watched.step_begins("a\x1b[2J", "1", "see\r\x1b[2Jx");
    let shown = [
        watched.takes(
            "a\x1b[2J",
            Event::Note {
                text: "one\x1b[2Jtwo\nthree".into(),
            },
        ),
        watched.status(WIDE).join("\n"),
        watched.step_ends("a\x1b[2J", "1"),
    ]
    .concat();
    assert!(!shown.contains(['\x1b', '\r']), "{shown:?}");
}

//! The storyboard of a video.

use proptest::prelude::*;
use reports::{
    Caption, Entry, Event, ExitStatus, FilmPicture, NoVideo, Point, Run, Scene, Screen,
    StepOutcome, Storyboard, Verdict, storyboard,
};

use crate::sample::{Writer, log_of, random};

fn board(entries: &[Entry]) -> Result<Storyboard, NoVideo> {
    storyboard(&Run::of(entries).scenarios[0])
}

fn shot(number: u64, shown_ms: u64) -> Event {
    Event::Shot {
        frame: Some(number),
        shown_ms,
        picture: Some(FilmPicture {
            file: format!("login/film/{number:04}.png"),
            width: 800,
            height: 600,
            part: None,
        }),
    }
}

fn input(what: &str, at: Option<[u32; 2]>, done_ms: u64) -> Event {
    Event::Input {
        step: "2".to_owned(),
        what: what.to_owned(),
        at,
        times: 1,
        done_ms,
        arrival: None,
        before: None,
        change: None,
    }
}

/// A login: the screen comes after half a minute, a password is typed, a button is clicked, and then it blinks.
fn login() -> Vec<Entry> {
    let mut log = Writer::new(&[("login", "", &[])]);
    log.begin("login", 1, None).stage("login", 3);
    log.start("1", "see gdm", Some(60_000));
    log.after(30_000).push(shot(1, 30_000));
    log.end("1", StepOutcome::Passed, 500, Default::default());
    log.start("2", "type •••", None);
    log.push(input("type •••", None, 31_000));
    log.push(input("click left", Some([40, 50]), 32_000));
    log.end("2", StepOutcome::Passed, 2_000, Default::default());
    log.start("3", "see desktop", Some(30_000));
    for number in 0..60 {
        log.push(shot(2 + number % 2, 33_000 + 500 * number));
    }
    log.end("3", StepOutcome::Failed, 30_000, Default::default());
    let cause = log.cause(reports::CauseKind::Deadline, "3", "no needle matched", &[]);
    log.finish(Verdict::Failed, Some(cause));
    log.run_finished(ExitStatus::Failed)
}

/// One line for each scene, for people.
fn told(scenes: &[Scene]) -> String {
    let lines = scenes.iter().map(|scene| {
        let screen = match &scene.screen {
            Screen::Nothing => "nothing".to_owned(),
            Screen::Off => "off".to_owned(),
            Screen::Picture(picture) => picture.file.clone(),
        };
        let caption = match &scene.caption {
            Caption::Goes(text) => format!("goes {text}"),
            Caption::Held(text) => format!("held {text}"),
            Caption::Broke(text) => format!("broke {text}"),
            Caption::Other(text) => format!("other {text}"),
        };
        let mut line = format!("{} {screen} | {caption} | {}", scene.ms, scene.clock);
        for more in scene.input.iter().chain(&scene.later) {
            line.push_str(&format!(" | {more}"));
        }
        if let Some(Point { x, y }) = scene.point {
            line.push_str(&format!(" at {x},{y}"));
        }
        line + "\n"
    });
    lines.collect()
}

#[test]
fn a_film_becomes_scenes_with_steps_inputs_and_marks() {
    let board = board(&login()).expect("a storyboard");
    assert!(board.is_film && board.others.is_empty());
    insta::assert_snapshot!("video_login", told(&board.scenes));
}

#[test]
fn long_waits_are_shortened_and_marked_and_inputs_are_seen() {
    let scenes = board(&login()).expect("a storyboard").scenes;
    let whole: u64 = scenes.iter().map(|scene| scene.ms).sum();
    assert!(whole < 20_000, "{whole}");
    let marks: Vec<&str> = scenes.iter().filter_map(|of| of.later.as_deref()).collect();
    assert_eq!(marks[0], "29s later");
    assert!(marks.contains(&"5 times faster"), "{marks:?}");
    let shown = |what: &str| -> u64 {
        let own = scenes.iter().filter(|of| of.input.as_deref() == Some(what));
        own.map(|scene| scene.ms).sum()
    };
    assert_eq!((shown("type •••"), shown("click left")), (900, 900));
}

#[test]
fn a_log_without_a_film_has_a_picture_for_each_step() {
    let board = board(&log_of("failed-look")).expect("a storyboard");
    assert!(!board.is_film);
    let pictures = board.scenes.iter();
    let pictures = pictures.filter(|of| matches!(of.screen, Screen::Picture(_)));
    assert!(pictures.count() > 3);
}

#[test]
fn a_killed_run_ends_with_what_is_known() {
    let mut entries = login();
    entries.truncate(20);
    let board = board(&entries).expect("a storyboard");
    let last = board.scenes.last().expect("a scene");
    assert!(last.caption.text().starts_with("login error: "), "{last:?}");
}

#[test]
fn without_a_picture_or_an_attempt_there_is_no_video() {
    assert_eq!(board(&log_of("error-launch")), Err(NoVideo::NoPicture));
    let none = Writer::new(&[("login", "", &[])]).killed();
    assert_eq!(board(&none), Err(NoVideo::NoAttempt));
}

#[test]
fn the_video_shows_the_machine_of_the_step_that_decided() {
    let mut log = Writer::new(&[("login", "", &[])]);
    log.begin("login", 1, None).stage("login", 1);
    log.after(10).push(shot(1, 5)).on("client");
    log.push(shot(2, 6)).on("server");
    log.start("1", "see x", None).on("server");
    log.end("1", StepOutcome::Failed, 100, Default::default())
        .on("server");
    let cause = log.cause(reports::CauseKind::Deadline, "1", "no", &[]);
    log.finish(Verdict::Failed, Some(cause));
    let board = board(&log.run_finished(ExitStatus::Failed)).expect("a storyboard");
    assert_eq!(board.machine.as_deref(), Some("server"));
    assert_eq!(board.others, ["client"]);
}

proptest! {
    #[test]
    fn a_storyboard_of_any_run_ends_and_is_short(entries in random::log(&["a"])) {
        if let Ok(board) = board(&entries) {
            let whole: u64 = board.scenes.iter().map(|scene| scene.ms).sum();
            prop_assert!((3_000..=184_000).contains(&whole), "{}", whole);
            prop_assert!(board.scenes.iter().all(|scene| scene.ms > 0));
        }
    }

    #[test]
    fn times_of_any_size_give_a_short_video(at in 0..1_u64 << 60, shown in any::<u64>()) {
        let mut log = Writer::new(&[("login", "", &[])]);
        log.begin("login", 1, None).stage("login", 1);
        log.push(shot(1, shown)).push(input("press a", Some([u32::MAX, 0]), at));
        log.start("1", "see x", None).end("1", StepOutcome::Passed, at, Default::default());
        log.finish(Verdict::Passed, None);
        let board = board(&log.killed()).expect("a storyboard");
        prop_assert!(board.scenes.iter().map(|scene| scene.ms).sum::<u64>() <= 184_000);
    }
}

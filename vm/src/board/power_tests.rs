//! Tests of the power of a board that commands switch.

use std::{fs, path::Path, time::Duration};

use tempfile::TempDir;

use super::*;
use crate::board::{Concealed, PowerCommands, Shell, signs::SignSet};

/// A board whose power is a file, its log, and its events.
struct Board {
    folder: TempDir,
    power: BoardPower,
    events: broadcast::Receiver<MachineEvent>,
}

fn commands(folder: &Path) -> PowerCommands {
    PowerCommands {
        on: "echo on > state; echo on >> log".to_owned(),
        off: "echo off > state; echo off >> log".to_owned(),
        reset: None,
        button: None,
        status: Some("cat state".to_owned()),
        pause: Duration::ZERO,
        settle: Duration::ZERO,
        limit: Duration::from_secs(60),
        shell: Shell {
            folder: Some(folder.to_owned()),
            ..Shell::default()
        },
    }
}

impl Board {
    fn new(change: impl FnOnce(&mut PowerCommands)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut commands = commands(folder.path());
        change(&mut commands);
        let (events, heard) = broadcast::channel(16);
        let watch = RestartWatch::new(SignSet::built_in());
        let power = BoardPower::new(
            PowerSource::Commands(Box::new(commands)),
            Arc::new(Mutex::new(watch)),
            None,
            events,
            BoardLog::open(folder.path(), Concealed::default()).unwrap(),
        );
        Self {
            folder,
            power,
            events: heard,
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    async fn until(&self, file: &str) {
        let file = self.folder.path().join(file);
        while !file.exists() {
            tokio::task::yield_now().await;
        }
    }

    fn touch(&self, file: &str) {
        fs::write(self.folder.path().join(file), "").unwrap();
    }
}

/// Waits for a file, and notes that it waits.
fn waiting(asked: &str, go: &str) -> String {
    format!("touch {asked}; while [ ! -e {go} ]; do sleep 0.01; done")
}

#[tokio::test]
async fn an_answer_whose_question_overlaps_a_switch_is_void() {
    let board = Board::new(|commands| {
        let slow = waiting("asked", "go");
        // Switches are not checked here, only questions.
        commands.status = Some(format!(
            "if [ -e slow ]; then {slow}; echo off; else cat state; fi"
        ));
        commands.reset = Some("true".to_owned());
    });
    board.power.start().await.unwrap();
    board.touch("slow");
    let reset = async {
        board.until("asked").await;
        board.power.reset().await.unwrap();
        board.touch("go");
    };
    let (life, ()) = tokio::join!(board.power.ask(), reset);
    assert_eq!(life, Ok(Life::Void));
    assert_eq!(board.power.ask().await, Ok(Life::Off { switches: 2 }));
}

#[tokio::test]
async fn a_board_is_not_asked_while_it_is_switched_or_off() {
    let mut board = Board::new(|commands| {
        let slow = waiting("asked", "go");
        commands.on = format!("[ ! -e slow ] || {{ {slow}; }}; echo on > state");
    });
    assert_eq!(board.power.ask().await, Ok(Life::Void));
    board.power.start().await.unwrap();
    assert_eq!(board.power.ask().await, Ok(Life::On));
    board.touch("slow");
    let asked = async {
        board.until("asked").await;
        // The reset has switched it off, and not on again.
        let life = board.power.ask().await;
        board.power.went_off("its power is off");
        board.touch("go");
        life
    };
    let (reset, life) = tokio::join!(board.power.reset(), asked);
    reset.unwrap();
    assert_eq!(life, Ok(Life::Void));
    let event = board.events.recv().await.unwrap();
    assert!(
        matches!(&event, MachineEvent::Reset { by, .. } if *by == EventOrigin::Host),
        "{event:?}"
    );
    assert!(board.events.try_recv().is_err());
}

#[tokio::test]
async fn a_relay_that_fails_in_the_middle_of_a_reset_is_no_power_off_of_the_guest() {
    let mut board = Board::new(|commands| {
        commands.on =
            "[ ! -e broken ] || { echo no relay >&2; exit 1; }; echo on > state".to_owned();
    });
    board.power.start().await.unwrap();
    board.touch("broken");
    let error = board.power.reset().await.unwrap_err();
    assert!(error.words.contains("no relay"), "{error}");
    assert_eq!(board.power.ask().await, Ok(Life::Void));
    board.power.went_off("its power is off");
    assert!(board.events.try_recv().is_err());
}

#[tokio::test]
async fn a_board_that_has_powered_itself_off_is_off_whatever_its_relay_says() {
    let mut board = Board::new(|_| {});
    board.power.start().await.unwrap();
    assert_eq!(board.power.status().await.unwrap(), RunState::Running);
    board.power.went_off("it said so");
    let event = board.events.recv().await.unwrap();
    assert!(matches!(event, MachineEvent::Shutdown { .. }), "{event:?}");
    assert_eq!(board.power.status().await.unwrap(), RunState::Shutdown);
    board.power.on().await.unwrap();
    // A relay that is on must be switched off before.
    assert_eq!(board.log(), "on\noff\non\n");
    assert_eq!(board.power.status().await.unwrap(), RunState::Running);
    // A board that was woken by its clock is on as well.
    board.power.went_off("it said so");
    board.power.came_back();
    assert_eq!(board.power.status().await.unwrap(), RunState::Running);
}

#[tokio::test]
async fn a_switch_that_was_given_up_has_ended_before_the_next_one() {
    let board = Board::new(|commands| {
        commands.status = None;
        // It is late, and cannot be hurried.
        commands.on = "trap '' TERM; touch asked; sleep 0.2; echo on >> log".to_owned();
    });
    tokio::select! {
        done = board.power.start() => panic!("{done:?}"),
        () = board.until("asked") => {}
    }
    board.power.cut().await.unwrap();
    assert!(board.log().ends_with("off\n"), "{}", board.log());
}

#[tokio::test(start_paused = true)]
async fn a_switch_that_never_ends_holds_up_the_last_one_only_for_a_while() {
    let board = Board::new(|_| {});
    let begun = tokio::time::Instant::now();
    let first = board.power.turn().await;
    assert!(first.is_some());
    assert!(board.power.turn().await.is_none());
    assert!(begun.elapsed() >= board.power.longest_switch());
    drop(first);
    assert!(board.power.turn().await.is_some());
}

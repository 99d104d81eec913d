//! Tests of the task that watches a board, on a clock that does not wait.

use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio::io::{AsyncWriteExt, DuplexStream, duplex, split};

use super::*;
use crate::board::{
    Concealed, FaultKind, PowerCommands, Shell,
    power_source::PowerSource,
    signs::{RestartWatch, SignSet},
    tap::{KeepsOpen, Tap},
};

const BOOT: &[u8] = b"\r\nU-Boot SPL 2025.01\r\n[    0.000000] Linux version 6.1\r\n\
    [    2.500000] EXT4-fs\r\n\r\nboard login: root\r\nroot@board:~# ";

/// A board that is on, with a driver.
struct Board {
    line: DuplexStream,
    news: mpsc::Sender<LineNews>,
    events: broadcast::Receiver<MachineEvent>,
    gaps: Gaps,
    serial: Serial,
    _open: KeepsOpen,
    _folder: TempDir,
}

impl Board {
    /// Returns a board whose switch does nothing, and answers nothing.
    async fn on() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let commands = PowerCommands {
            on: "true".to_owned(),
            off: "true".to_owned(),
            reset: None,
            button: None,
            status: None,
            pause: Duration::ZERO,
            settle: Duration::ZERO,
            limit: Duration::MAX,
            shell: Shell::default(),
        };
        let watch = Arc::new(Mutex::new(RestartWatch::new(SignSet::built_in())));
        let (events, heard) = broadcast::channel(16);
        let log = BoardLog::open(folder.path(), Concealed::default()).unwrap();
        let source = PowerSource::Commands(Box::new(commands));
        let power = BoardPower::new(
            source,
            Arc::clone(&watch),
            None,
            events.clone(),
            log.clone(),
        );
        let (line, ours) = duplex(1 << 16);
        let (read, write) = split(ours);
        let (said, saying) = mpsc::unbounded_channel();
        let (tap, open) = Tap::new(read, watch, said);
        let serial = Serial::start(tap, write, &folder.path().join("serial0.log")).unwrap();
        let (news, line_news) = mpsc::channel(16);
        let gaps = Gaps::none();
        power.start().await.unwrap();
        let driver = Driver {
            board: "mars".to_owned(),
            power,
            log,
            events,
            saying,
            serial: serial.clone(),
            export: None,
            line_news,
            gaps: gaps.clone(),
        };
        tokio::spawn(driver.run());
        Self {
            line,
            news,
            events: heard,
            gaps,
            serial,
            _open: open,
            _folder: folder,
        }
    }

    async fn says(&mut self, text: &[u8]) {
        self.line.write_all(text).await.unwrap();
        self.serial.is_read().await;
    }

    /// Returns the next event.
    async fn next(&mut self) -> MachineEvent {
        self.events.recv().await.unwrap()
    }
}

fn fault() -> BoardFault {
    BoardFault::new(FaultKind::Unreachable, "it was closed")
}

#[tokio::test]
async fn a_board_is_off_when_nothing_comes_after_its_last_words() {
    let mut board = Board::on().await;
    tokio::time::pause();
    board.says(BOOT).await;
    // A command prints the words, and goes on.
    board
        .says(b"cat log\r\n[   88.000000] reboot: Power down\r\n")
        .await;
    tokio::time::sleep(SILENCE / 2).await;
    board.says(b"[   88.100000] more\r\nroot@board:~# ").await;
    tokio::time::sleep(2 * SILENCE).await;
    assert!(board.events.try_recv().is_err());
    let begun = Instant::now();
    board
        .says(b"poweroff\r\n[   99.000000] reboot: Power down\r\n")
        .await;
    let event = board.next().await;
    assert_eq!(
        event,
        MachineEvent::Shutdown {
            by: EventOrigin::Guest,
            reason: "it said `reboot: Power down`".to_owned(),
        }
    );
    assert!(begun.elapsed() >= SILENCE && begun.elapsed() < 2 * SILENCE);
}

#[tokio::test]
async fn a_restart_is_told_with_the_place_of_its_text() {
    let mut board = Board::on().await;
    tokio::time::pause();
    board.says(BOOT).await;
    board.says(b"\x1b[1mreboot\x1b[0m\r\n").await;
    let from = board.serial.position();
    board.says(BOOT).await;
    let MachineEvent::Reset { by, at, .. } = board.next().await else {
        panic!("no reset");
    };
    assert_eq!(by, EventOrigin::Guest);
    let text = board.serial.text_from(at.unwrap());
    assert!(text.starts_with("U-Boot SPL"), "{text}");
    assert!(at.unwrap() > from);
}

#[tokio::test]
async fn a_line_that_is_lost_and_back_is_told() {
    let mut board = Board::on().await;
    board.news.send(LineNews::Lost(fault())).await.unwrap();
    let why = "it was closed".to_owned();
    assert_eq!(board.next().await, MachineEvent::SerialLost { why });
    board.news.send(LineNews::Back).await.unwrap();
    assert_eq!(board.next().await, MachineEvent::SerialBack);
    board.news.send(LineNews::Gone(fault())).await.unwrap();
    let MachineEvent::Broken(lost) = board.next().await else {
        panic!("not lost");
    };
    assert!(
        lost.what.contains("`mars` is lost: it was closed"),
        "{lost:?}"
    );
}

#[tokio::test]
async fn a_line_that_is_lost_after_last_words_proves_nothing_of_a_command() {
    let mut board = Board::on().await;
    tokio::time::pause();
    board.says(BOOT).await;
    board
        .says(b"cat log\r\n[   88.000000] reboot: Power down\r\n")
        .await;
    board.gaps.line.began("it was closed");
    tokio::time::sleep(2 * SILENCE).await;
    assert!(board.events.try_recv().is_err());
}

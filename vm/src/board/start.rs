//! Opens the handles of a board: screen, serial line, input, and the task that watches it.

use std::{
    io,
    path::Path,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use tokio::{
    sync::{broadcast, mpsc},
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::{
    BoardFault, BoardSpec, FaultKind, InputFrom, LineFrom, LineSpec, ScreenFrom, VncSpec,
    driver::Driver,
    gap::{Gap, Gaps},
    held::Held,
    http::HttpScreen,
    line::{LineNews, LineStream, Pace, ReopeningLine},
    picture_command::CommandScreen,
    rested::Rested,
    tap::{KeepsOpen, Tap},
    vnc::{self, VncInput, VncScreen},
};
use crate::{
    Capability, Lack, LaunchError, MachineEvent, Screen, Serial, Starvation,
    input::{NoInput, Player},
    screen::{CaptureTask, PictureSource, ScreenNudge},
};

/// The longest time from power-on until a VNC server must be there.
const VNC_COMES: Duration = Duration::from_secs(20);

/// The time between two tries to reach a VNC server.
const VNC_AGAIN: Duration = Duration::from_millis(100);

/// The longest wait for a serial line that this process has just closed: its other end may take a moment for that.
pub(super) const LINE_CLOSES: Duration = Duration::from_secs(5);

/// The longest wait for a serial device that has its power from the board.
pub(super) const LINE_COMES: Duration = Duration::from_secs(10);

/// The time between two tries to open a serial line.
const LINE_AGAIN: Duration = Duration::from_millis(200);

/// The longest time without a serial line that was there before.
const GIVE_UP: Duration = Duration::from_secs(60);

/// The serial line of a board, and the task that watches the board.
pub(super) struct Lines {
    pub(super) serial: Serial,
    pub(super) driver: JoinHandle<()>,
    /// Keeps the serial line open; none if there is none.
    pub(super) line: Option<KeepsOpen>,
}

/// Opens the serial line of a board. Tries again for `patience` if it cannot be opened.
pub(super) async fn open_lines(
    held: &Held,
    folder: &Path,
    events: &broadcast::Sender<MachineEvent>,
    gaps: &Gaps,
    patience: Duration,
) -> Result<Lines, LaunchError> {
    let (said, saying) = mpsc::unbounded_channel();
    let (mut line_news, mut keeps_open, mut export) = (None, None, None);
    let serial = match held.parts.line(held.spec.line.as_ref()).await? {
        Some((spec, exported)) => {
            export = exported;
            let line = ReopeningLine {
                spec,
                give_up: GIVE_UP,
                pace: Pace::BOARD,
            };
            let (line, news) = open_line(&line, &gaps.line, patience).await?;
            line_news = Some(news);
            let (read, open) = Tap::new(line.read, Arc::clone(&held.parts.restarts), said);
            keeps_open = Some(open);
            let log = folder.join("serial0.log");
            let file = |source: io::Error| LaunchError::File {
                action: "open",
                path: log.clone(),
                source,
            };
            {
                // What it says first may be a secret as well.
                let secrets = held.spec.concealed.each();
                Serial::start_concealing(read, line.write, &log, secrets).map_err(file)?
            }
        }
        None => Serial::absent(Lack::without_remedy(Capability::Serial)),
    };
    let driver = Driver {
        board: held.spec.name.clone(),
        power: held.power.clone(),
        log: held.log.clone(),
        events: events.clone(),
        saying,
        export,
        gaps: gaps.clone(),
        serial: serial.clone(),
        line_news: line_news.unwrap_or_else(|| mpsc::channel(1).1),
    };
    Ok(Lines {
        serial,
        driver: tokio::spawn(driver.run()),
        line: keeps_open,
    })
}

async fn open_line(
    line: &ReopeningLine,
    gap: &Gap,
    patience: Duration,
) -> Result<(LineStream, mpsc::Receiver<LineNews>), BoardFault> {
    let begun = Instant::now();
    loop {
        match line.clone().open(gap).await {
            Err(_) if begun.elapsed() < patience => sleep(LINE_AGAIN).await,
            opened => return opened,
        }
    }
}

/// Returns true if a line could not be opened because it is a device that is not there. One that has its power from the
/// board comes when the board is on.
pub(super) fn may_come_with_power(spec: &BoardSpec, error: &LaunchError) -> bool {
    let is_device = matches!(&spec.line, Some(LineFrom::Line(LineSpec::Device { .. })));
    let is_missing = matches!(error, LaunchError::Board(fault) if fault.kind == FaultKind::Missing);
    is_device && is_missing
}

/// Opens the screen and the input devices of a board that is on. They share one connection where they come from one
/// service.
pub(super) async fn screen_and_input(
    held: &Held,
    generations: Arc<AtomicU64>,
) -> Result<(Screen, Player), BoardFault> {
    let nudge = ScreenNudge::default();
    let BoardSpec { screen, input, .. } = &held.spec;
    let wants_vnc =
        matches!(screen, Some(ScreenFrom::Vnc)) || matches!(input, Some(InputFrom::Vnc));
    let (vnc_screen, vnc_input): (Option<VncScreen>, Option<VncInput>) = match &held.spec.vnc {
        Some(spec) if wants_vnc => {
            let (screen, input) = vnc_of_a_board_that_starts(spec).await?;
            (Some(screen), Some(input))
        }
        Some(_) | None => (None, None),
    };
    let player = match (input, &held.parts.kvmd, vnc_input) {
        (Some(InputFrom::Kvmd), Some(kvmd), _) => start_player(kvmd.input(), &nudge),
        (Some(InputFrom::Vnc), _, Some(vnc)) => start_player(vnc, &nudge),
        (Some(InputFrom::Command(command)), _, _) => start_player(command.clone(), &nudge),
        (Some(InputFrom::Kvmd), None, _) | (Some(InputFrom::Vnc), _, None) | (None, _, _) => {
            start_player(NoInput, &nudge)
        }
    };
    let start = Capture { nudge, generations };
    let screen = match (screen, &held.parts.kvmd, vnc_screen) {
        (Some(ScreenFrom::Kvmd), Some(kvmd), _) => start.of(kvmd.screen()),
        (Some(ScreenFrom::Vnc), _, Some(vnc)) => start.of(vnc),
        (Some(ScreenFrom::Http(spec)), _, _) => start.of(HttpScreen::connect(spec).await?),
        (Some(ScreenFrom::Capture(device)), _, _) => start.of(device.start().await?),
        (Some(ScreenFrom::Command(command)), _, _) => start.of(CommandScreen::new(command.clone())),
        (Some(ScreenFrom::Kvmd), None, _) | (Some(ScreenFrom::Vnc), _, None) | (None, _, _) => {
            Screen::absent(Lack::without_remedy(Capability::Screen))
        }
    };
    Ok((screen, player))
}

/// Connects to a VNC server. That of a hypervisor is there only while the machine is on, so it gets some time.
async fn vnc_of_a_board_that_starts(spec: &VncSpec) -> Result<(VncScreen, VncInput), BoardFault> {
    let begun = Instant::now();
    loop {
        match vnc::connect(spec).await {
            Err(fault) if fault.kind == FaultKind::Unreachable && begun.elapsed() < VNC_COMES => {
                sleep(VNC_AGAIN).await;
            }
            connected => return connected,
        }
    }
}

fn start_player(sink: impl crate::input::InputSink, nudge: &ScreenNudge) -> Player {
    Player::start(sink, nudge.clone(), Starvation::default())
}

/// Starts to capture a screen.
struct Capture {
    nudge: ScreenNudge,
    generations: Arc<AtomicU64>,
}

impl Capture {
    fn of(self, source: impl PictureSource) -> Screen {
        CaptureTask::start(Rested::new(source), self.nudge, self.generations)
    }
}

//! Shows a run while it goes on: finished steps as lines, and below them a line for each machine that runs, drawn again
//! and again.

mod screen;

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use reports::Record;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use screen::{Screen, Size, redraw};

/// News for the display.
#[derive(Debug)]
pub(crate) enum Live {
    /// Something was recorded.
    Record(Box<Record>),
    /// The nearest needle of the current look so far.
    Best {
        /// Name of the scenario that looks.
        scenario: String,
        /// Which attempt at it.
        attempt: Option<u32>,
        /// Name of the needle.
        needle: String,
        /// Its worst area's similarity.
        similarity: f64,
        /// What that area requires.
        required: f64,
    },
}

/// How a run is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Display {
    /// A person watches: colour as told, and lines that move.
    Terminal {
        /// Whether to use colour.
        colour: bool,
    },
    /// A file or a pipe: whole lines only.
    Plain,
    /// Every record as JSON on stdout.
    Json,
    /// Nothing.
    Quiet,
}

impl Display {
    /// What fits standard error.
    pub(crate) fn for_stderr(colour: bool) -> Self {
        if std::io::stderr().is_terminal() {
            Self::Terminal { colour }
        } else {
            Self::Plain
        }
    }
}

/// Starts the display. It ends when every sender is gone.
pub(crate) fn show(display: Display, news: mpsc::UnboundedReceiver<Live>) -> JoinHandle<()> {
    tokio::spawn(async move {
        match display {
            Display::Terminal { colour } => terminal(news, colour).await,
            Display::Plain => plain(news).await,
            Display::Json => json(news).await,
            Display::Quiet => quiet(news).await,
        }
    })
}

async fn quiet(mut news: mpsc::UnboundedReceiver<Live>) {
    while news.recv().await.is_some() {}
}

async fn plain(mut news: mpsc::UnboundedReceiver<Live>) {
    let mut lines = reports::console::Lines::new();
    while let Some(live) = news.recv().await {
        if let Live::Record(record) = live
            && let Some(line) = lines.line(&record)
        {
            // Nobody reads a closed pipe; the run goes on for its results.
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }
}

async fn json(mut news: mpsc::UnboundedReceiver<Live>) {
    while let Some(live) = news.recv().await {
        if let Live::Record(record) = live
            && let Ok(line) = serde_json::to_string(&record)
        {
            let _ = writeln!(std::io::stdout(), "{line}"); // As above.
        }
    }
}

async fn terminal(mut news: mpsc::UnboundedReceiver<Live>, colour: bool) {
    let mut screen = Screen::new(colour);
    let mut drawn = 0;
    // Redrawing four times a second costs nothing measurable and keeps the clock alive.
    let mut tick = tokio::time::interval(Duration::from_millis(250));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        let text = tokio::select! {
            live = news.recv() => match live {
                Some(live) => screen.update(live, Instant::now()),
                None => break,
            },
            _ = tick.tick() => String::new(),
        };
        let lines = screen.status(Instant::now(), terminal_size());
        let _ = write!(std::io::stderr(), "{}", redraw(drawn, &text, &lines)); // A closed terminal needs no picture.
        let _ = std::io::stderr().flush();
        drawn = lines.len();
    }
    let _ = write!(std::io::stderr(), "{}", redraw(drawn, "", &[]));
}

/// That of the terminal on standard error; where it does not say, that of the terminals of old.
fn terminal_size() -> Size {
    let size = rustix::termios::tcgetwinsize(std::io::stderr()).ok();
    let or = |told: Option<u16>, least, standard| {
        told.map(usize::from)
            .filter(|told| *told >= least)
            .unwrap_or(standard)
    };
    Size {
        columns: or(size.map(|size| size.ws_col), 20, 80),
        rows: or(size.map(|size| size.ws_row), 3, 24),
    }
}

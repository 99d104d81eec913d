//! Shows a run while it goes on: a line for each finished step, and at the bottom a line for each running attempt,
//! which is drawn again and again.

mod draw;
mod running;
mod screen;

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::feed::{Feed, News, Queue};

use draw::{Size, redraw};
use screen::Screen;

pub(crate) use screen::verdict_style;

/// The ways to show a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Display {
    /// For a person at a terminal: the lines at the bottom are redrawn.
    Terminal {
        /// True if it uses colour.
        colour: bool,
    },
    /// For a file or a pipe: whole lines only.
    Plain,
    /// Every entry as JSON on stdout.
    Json,
    /// Nothing.
    Quiet,
}

impl Display {
    /// Returns the display that fits standard error.
    pub(crate) fn for_stderr(colour: bool) -> Self {
        if std::io::stderr().is_terminal() {
            Self::Terminal { colour }
        } else {
            Self::Plain
        }
    }
}

/// Starts the display. It ends when the feed closes.
pub(crate) fn show(display: Display, feed: &Feed) -> JoinHandle<()> {
    let (queue, news) = Queue::new(matches!(display, Display::Terminal { .. }));
    feed.listen(queue);
    tokio::spawn(async move {
        match display {
            Display::Terminal { colour } => terminal(news, colour).await,
            Display::Plain => plain(news).await,
            Display::Json => json(news).await,
            Display::Quiet => quiet(news).await,
        }
    })
}

async fn quiet(mut news: mpsc::UnboundedReceiver<News>) {
    while news.recv().await.is_some() {}
}

async fn plain(mut news: mpsc::UnboundedReceiver<News>) {
    let mut lines = reports::console::Lines::new();
    while let Some(told) = news.recv().await {
        if let News::Entry(entry) = told
            && let Some(line) = lines.line(&entry)
        {
            // If the pipe is closed, the run goes on, for its results.
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }
}

async fn json(mut news: mpsc::UnboundedReceiver<News>) {
    while let Some(told) = news.recv().await {
        if let News::Entry(entry) = told
            && let Ok(line) = serde_json::to_string(entry.as_ref())
        {
            let _ = writeln!(std::io::stdout(), "{line}"); // As above.
        }
    }
}

async fn terminal(mut news: mpsc::UnboundedReceiver<News>, colour: bool) {
    let mut screen = Screen::new(colour);
    let mut drawn = 0;
    // Redrawing four times a second costs nothing measurable, and the shown times stay current.
    let mut tick = tokio::time::interval(Duration::from_millis(250));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        let text = tokio::select! {
            told = news.recv() => match told {
                Some(told) => screen.update(told, Instant::now()),
                None => break,
            },
            _ = tick.tick() => String::new(),
        };
        let lines = screen.status(Instant::now(), terminal_size());
        // If the terminal is closed, the run goes on.
        let _ = write!(std::io::stderr(), "{}", redraw(drawn, &text, &lines));
        let _ = std::io::stderr().flush();
        drawn = lines.len();
    }
    let _ = write!(std::io::stderr(), "{}", redraw(drawn, "", &[]));
}

/// Returns the size of the terminal on standard error, or 80 columns and 24 rows if it does not tell.
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

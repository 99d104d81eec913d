//! Shows a run while it goes on: a line for each finished step, and at the bottom a line for each running attempt and
//! one for the whole run, which are drawn again and again.

mod draw;
mod overall;
mod pictures;
mod running;
mod screen;
mod size;
mod status_line;
mod usual;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use reports::Event;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::feed::{Feed, News, Queue};

use draw::redraw;
use screen::{Screen, Told};
use usual::Usual;

pub(crate) use pictures::Protocol;
pub(crate) use screen::verdict_style;
pub(crate) use size::Size;

/// The folders of a run.
#[derive(Debug, Clone)]
pub(crate) struct Folders {
    /// The folder of the run.
    pub run: PathBuf,
    /// The same, as people name it.
    pub shown: String,
    /// The folder of all results, with the history of earlier runs.
    pub results: PathBuf,
}

/// The ways to show a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Display {
    /// For a person at a terminal: the lines at the bottom are redrawn.
    Terminal {
        /// True if it uses colour.
        colour: bool,
        /// The way to draw pictures; none for no pictures.
        pictures: Option<Protocol>,
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
    pub(crate) fn for_stderr(colour: bool, pictures: Option<Protocol>) -> Self {
        if std::io::stderr().is_terminal() {
            Self::Terminal { colour, pictures }
        } else {
            Self::Plain
        }
    }
}

/// Starts the display. It ends when the feed closes.
pub(crate) fn show(display: Display, folders: Folders, feed: &Feed) -> JoinHandle<()> {
    let (queue, news) = Queue::new(matches!(display, Display::Terminal { .. }));
    feed.listen(queue);
    tokio::spawn(async move {
        match display {
            Display::Terminal { colour, pictures } => {
                let screen = Screen::new(colour, folders.shown.clone());
                terminal(news, screen, pictures, folders, &mut std::io::stderr()).await;
            }
            Display::Plain => plain(news, &folders.shown).await,
            Display::Json => json(news).await,
            Display::Quiet => quiet(news).await,
        }
    })
}

async fn quiet(mut news: mpsc::UnboundedReceiver<News>) {
    while news.recv().await.is_some() {}
}

async fn plain(mut news: mpsc::UnboundedReceiver<News>, folder: &str) {
    let mut lines = reports::console::Lines::new();
    while let Some(told) = news.recv().await {
        if let News::Entry(entry) = told {
            let line = lines.line(&entry);
            for line in line.into_iter().chain(lines.line_after(&entry, folder)) {
                // If the pipe is closed, the run goes on, for its results.
                let _ = writeln!(std::io::stderr(), "{line}");
            }
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

async fn terminal(
    mut news: mpsc::UnboundedReceiver<News>,
    mut screen: Screen,
    pictures: Option<Protocol>,
    folders: Folders,
    out: &mut (impl Write + Send),
) {
    let mut drawn = 0;
    let mut reading: Option<JoinHandle<Usual>> = None;
    // Redrawing four times a second costs nothing measurable, and the shown times stay current.
    let mut tick = tokio::time::interval(Duration::from_millis(250));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        let text = tokio::select! {
            told = news.recv() => match told {
                Some(told) => {
                    if let Some(begun) = read_usual(&told, &folders) {
                        reading = Some(begun);
                    }
                    let told = screen.update(told, Instant::now());
                    with_picture(told, pictures, &folders).await
                }
                None => break,
            },
            usual = read(&mut reading), if reading.is_some() => {
                reading = None;
                screen.learn(usual);
                String::new()
            }
            _ = tick.tick() => String::new(),
        };
        let lines = screen.status(Instant::now(), Size::of_stderr());
        // If the terminal is closed, the run goes on.
        let _ = write!(out, "{}", redraw(drawn, &text, &lines));
        let _ = out.flush();
        drawn = lines.len();
    }
    let _ = write!(out, "{}", redraw(drawn, "", &[]));
}

/// Begins to read what earlier runs tell, if the run begins. The run does not wait for it.
fn read_usual(told: &News, folders: &Folders) -> Option<JoinHandle<Usual>> {
    let News::Entry(entry) = told else {
        return None;
    };
    let Event::RunStarted { scenarios, .. } = &entry.event else {
        return None;
    };
    let (results, scenarios) = (folders.results.clone(), scenarios.clone());
    Some(spawn_blocking(move || Usual::read(&results, &scenarios)))
}

/// Waits until it is read. If that breaks off, nothing is known.
async fn read(reading: &mut Option<JoinHandle<Usual>>) -> Usual {
    match reading {
        Some(reading) => reading.await.unwrap_or_default(),
        None => std::future::pending().await,
    }
}

/// Returns the text to print, with its picture if the terminal can show it.
async fn with_picture(told: Told, pictures: Option<Protocol>, folders: &Folders) -> String {
    let Told { mut text, picture } = told;
    if let (Some(protocol), Some(picture)) = (pictures, picture) {
        let (file, size) = (folders.run.join(picture), Size::of_stderr());
        let drawn = spawn_blocking(move || pictures::drawn(protocol, &file, size)).await;
        text.extend(drawn.ok().flatten());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use reports::{Cause, CauseKind, Entry, Envelope, FrameRef, StartedFrom, Verdict};

    fn folders(run: &std::path::Path) -> Folders {
        Folders {
            run: run.to_owned(),
            shown: "qa-results/1".to_owned(),
            results: run.to_owned(),
        }
    }

    fn entry(event: Event) -> Entry {
        Entry {
            envelope: Envelope {
                scenario: Some("login".to_owned()),
                attempt: Some(1),
                ..Envelope::default()
            },
            event,
        }
    }

    /// Publishes an attempt that failed, with a picture.
    fn publish_failure(feed: &Feed) {
        feed.publish(entry(Event::ScenarioStarted {
            from: StartedFrom::PowerOn,
            reason: None,
        }));
        feed.publish(entry(Event::ScenarioFinished {
            verdict: Verdict::Failed,
            cause: Some(Cause {
                kind: CauseKind::Deadline,
                message: "no needle".into(),
                hints: Vec::new(),
                step: None,
                place: None,
            }),
            duration_ms: 1_000,
            last_frame: Some(FrameRef {
                file: "7.png".into(),
                generation: 7,
                width: 8,
                height: 8,
            }),
            files: Vec::new(),
        }));
    }

    async fn shown(pictures: Option<Protocol>, has_picture: bool) -> String {
        let folder = tempfile::tempdir().unwrap();
        if has_picture {
            let picture = image::RgbImage::new(8, 8);
            picture.save(folder.path().join("7.png")).unwrap();
        }
        let folders = folders(folder.path());
        let (queue, news) = Queue::new(true);
        let feed = Feed::new();
        feed.listen(queue);
        publish_failure(&feed);
        feed.close();
        let screen = Screen::new(false, folders.shown.clone());
        let mut out = Vec::new();
        terminal(news, screen, pictures, folders, &mut out).await;
        String::from_utf8(out).unwrap()
    }

    #[tokio::test]
    async fn the_picture_of_a_failure_follows_its_lines() {
        let lines = "login: failed in 1s: no needle\n  picture  qa-results/1/7.png\n";
        let with = shown(Some(Protocol::Kitty), true).await;
        assert!(
            with.contains(&format!("{lines}\x1b_Ga=T,f=100,")),
            "{with:?}"
        );
        // Without a file, or on another terminal, there is the path.
        for without in [
            shown(Some(Protocol::Kitty), false).await,
            shown(None, true).await,
        ] {
            assert!(without.contains(lines), "{without:?}");
            assert!(!without.contains("\x1b_G"), "{without:?}");
        }
    }
}

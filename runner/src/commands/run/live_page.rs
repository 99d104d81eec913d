//! The page of a run that goes on: it is written anew when a step has ended, and a browser loads it again.

use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;

use reports::{Earlier, Event, Fold, OpenEnd};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::commands::report::replace;
use crate::feed::{Feed, News, Queue};

/// The page is written at most this often.
const OFTEN: Duration = Duration::from_secs(2);

/// The browser loads the page again, unless the reader has just drawn on it.
const AGAIN: &str = "<script>\nlet touched = 0;\n\
    for (const kind of [\"pointerdown\", \"keydown\", \"wheel\"]) \
    addEventListener(kind, () => { touched = Date.now(); }, { passive: true });\n\
    setInterval(() => { if (Date.now() - touched > 15000) location.reload(); }, 3000);\n</script>\n";

/// Begins to write the page. It ends when the feed closes; the last page is that of the reports.
pub(super) fn follow(feed: &Feed, page: PathBuf) -> JoinHandle<()> {
    let (queue, mut news) = Queue::new(false);
    feed.listen(queue);
    tokio::spawn(async move {
        let mut fold = Fold::default();
        let mut next = Instant::now();
        let mut is_old = false;
        loop {
            let told = tokio::select! {
                told = news.recv() => told,
                () = tokio::time::sleep_until(next), if is_old => {
                    write(&fold, &page).await;
                    (is_old, next) = (false, Instant::now() + OFTEN);
                    continue;
                }
            };
            let Some(told) = told else { return };
            if let News::Entry(entry) = told {
                is_old |= matches!(
                    entry.event,
                    Event::StepFinished { .. } | Event::ScenarioStarted { .. }
                );
                fold.take(&entry);
            }
        }
    })
}

/// Writes the page as far as the run is. If that fails, the next one may succeed, and the reports say why.
async fn write(fold: &Fold, page: &std::path::Path) {
    let (run, page) = (fold.run(OpenEnd::GoesOn), page.to_owned());
    let written = spawn_blocking(move || {
        let html = reports::html(&run, &Earlier::default()).ok()?;
        let html = html.replacen("</body>", &format!("{AGAIN}</body>"), 1);
        replace(&page, &html).ok()
    });
    let _ = written.await;
}

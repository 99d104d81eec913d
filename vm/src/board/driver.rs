//! The task that watches a board: its restarts, its power, its serial line.
//!
//! ```text
//! serial text --Said--> restart --> event, and the input is set up again
//!             '-------> power off? --silence--> event
//! the line itself --LineNews--> gap, event
//! the power source <--asked again and again-- power_watch
//! ```
//!
//! All of it goes on at once: a source that answers slowly must not hold up what the board says.

use std::{future::Future, pin::Pin, time::Duration};

use tokio::{
    join,
    sync::{Notify, broadcast, mpsc},
    time::Instant,
};

use super::{
    BoardFault,
    gap::Gaps,
    labgrid::SerialExport,
    line::LineNews,
    log::BoardLog,
    power::BoardPower,
    power_watch,
    signs::{Certainty, SeenRestart},
    tap::Said,
};
use crate::{
    Serial,
    machine::{EventOrigin, Lost, MachineEvent},
    own_gaps,
};

/// The silence after the last words of a board by which it is off. A command that prints such words goes on sooner.
const SILENCE: Duration = Duration::from_secs(2);

/// The task that watches a board.
pub(super) struct Driver {
    /// The name of the board.
    pub(super) board: String,
    pub(super) power: BoardPower,
    pub(super) log: BoardLog,
    pub(super) events: broadcast::Sender<MachineEvent>,
    pub(super) saying: mpsc::UnboundedReceiver<Said>,
    /// Knows the position of each line.
    pub(super) serial: Serial,
    /// The program that keeps the way to the serial line open; none if nothing must.
    pub(super) export: Option<SerialExport>,
    pub(super) line_news: mpsc::Receiver<LineNews>,
    pub(super) gaps: Gaps,
}

/// A wait for silence, since the moment of the last words.
type Silence = (Instant, Pin<Box<dyn Future<Output = ()> + Send>>);

/// Waits until the way to the serial line is lost.
async fn lost(export: &mut Option<SerialExport>) -> BoardFault {
    match export {
        Some(export) => export.lost().await,
        None => std::future::pending().await,
    }
}

/// Waits until it was silent after the last words. Returns their moment.
async fn silent(silence: &mut Option<Silence>) -> Instant {
    match silence {
        Some((since, ending)) => {
            ending.await;
            *since
        }
        None => std::future::pending().await,
    }
}

/// Begins to wait for silence.
fn silence() -> Silence {
    let ending = async {
        // While this process does not run, it hears nothing.
        let _: Option<()> = own_gaps::within(SILENCE, std::future::pending()).await;
    };
    (Instant::now(), Box::pin(ending))
}

impl Driver {
    /// Watches until the task is ended.
    pub(super) async fn run(self) {
        let restarted = Notify::new();
        let power = self.power.clone();
        let input = async {
            loop {
                restarted.notified().await;
                power.set_input_up().await;
            }
        };
        let asking = power_watch::watch(
            self.power.clone(),
            self.gaps.power.clone(),
            self.log.clone(),
        );
        join!(self.listen(&restarted), asking, input);
    }

    async fn listen(mut self, restarted: &Notify) {
        let mut last_words = None;
        loop {
            tokio::select! {
                Some(said) = self.saying.recv() => match said {
                    Said::PowerOff => last_words = Some(silence()),
                    Said::Restart(seen) => self.restart(seen, restarted),
                },
                Some(news) = self.line_news.recv() => self.line(news),
                fault = lost(&mut self.export) => {
                    self.export = None;
                    self.gaps.line.began(&fault.words);
                    self.line(LineNews::Gone(fault));
                }
                since = silent(&mut last_words) => {
                    last_words = None;
                    let is_line_whole = self.gaps.line.since(since).is_none();
                    if let Some(words) = self.power.last_words(is_line_whole) {
                        self.power.went_off(&format!("it said `{words}`"));
                    }
                }
            }
        }
    }

    /// Tells a restart that was seen on the serial line.
    fn restart(&self, seen: SeenRestart, restarted: &Notify) {
        let SeenRestart {
            sign,
            stage,
            position,
            certainty,
        } = seen;
        match certainty {
            Certainty::Certain => {
                self.log.say(&format!("restart ({stage}): `{sign}`"));
                self.power.came_back();
                self.tell(MachineEvent::Reset {
                    by: EventOrigin::Guest,
                    reason: format!("its serial line said `{sign}`"),
                    at: self.serial.position_of_line(position),
                });
                restarted.notify_one();
            }
            // Only the log has it.
            Certainty::Doubtful(doubt) => {
                let why = doubt.words();
                self.log
                    .say(&format!("no restart, perhaps ({stage}): `{sign}`: {why}"));
            }
        }
    }

    /// Tells what became of the line. Whoever saw it has noted the gap.
    fn line(&self, news: LineNews) {
        match news {
            LineNews::Lost(fault) => {
                self.log.say(&format!("serial line lost: {fault}"));
                self.tell(MachineEvent::SerialLost { why: fault.words });
            }
            LineNews::Back => {
                self.log.say("serial line is back");
                self.tell(MachineEvent::SerialBack);
            }
            LineNews::Gone(fault) => {
                self.log.say(&format!("serial line lost for good: {fault}"));
                let advice = fault.advice;
                self.tell(MachineEvent::Broken(Lost {
                    what: format!(
                        "the serial line of the board `{}` is lost: {}",
                        self.board, fault.words
                    ),
                    advice: advice.unwrap_or_else(|| {
                        "look at the host that has the serial line, and run again".to_owned()
                    }),
                }));
            }
        }
    }

    fn tell(&self, event: MachineEvent) {
        // An error means that nobody listens.
        drop(self.events.send(event));
    }
}

#[cfg(test)]
#[path = "driver_tests.rs"]
mod tests;

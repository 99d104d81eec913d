//! The task that watches a board: its restarts, its power, its serial line.

use tokio::{
    sync::{broadcast, mpsc},
    time::{MissedTickBehavior, interval},
};

use super::{
    BoardFault,
    labgrid::SerialExport,
    line::LineNews,
    line_gap::LineGap,
    log::BoardLog,
    power::BoardPower,
    signs::{Certainty, SeenRestart},
    tap::Said,
};
use crate::machine::{EventOrigin, Lost, MachineEvent};

/// The task that watches a board.
pub(super) struct Driver {
    /// The name of the board.
    pub(super) board: String,
    pub(super) power: BoardPower,
    pub(super) log: BoardLog,
    pub(super) events: broadcast::Sender<MachineEvent>,
    pub(super) saying: mpsc::UnboundedReceiver<Said>,
    /// The program that keeps the way to the serial line open; none if nothing must.
    pub(super) export: Option<SerialExport>,
    pub(super) line_news: mpsc::Receiver<LineNews>,
    pub(super) gap: LineGap,
}

/// Waits until the way to the serial line is lost.
async fn lost(export: &mut Option<SerialExport>) -> BoardFault {
    match export {
        Some(export) => export.lost().await,
        None => std::future::pending().await,
    }
}

impl Driver {
    /// Watches until the task is ended.
    pub(super) async fn run(mut self) {
        let asks = self.power.tells().await;
        let mut ask = interval(self.power.ask_every());
        ask.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                Some(said) = self.saying.recv() => self.said(said).await,
                Some(news) = self.line_news.recv() => self.line(news),
                fault = lost(&mut self.export) => {
                    self.export = None;
                    self.line(LineNews::Gone(fault));
                }
                _ = ask.tick(), if asks => {
                    if self.power.is_found_off().await {
                        self.power.went_off("its power is off");
                    }
                }
                else => return,
            }
        }
    }

    /// Tells what the board said on its serial line.
    async fn said(&mut self, said: Said) {
        let seen = match said {
            Said::PowerOff(words) => {
                self.power.went_off(&format!("it said `{words}`"));
                return;
            }
            Said::Restart(seen) => seen,
        };
        let SeenRestart {
            sign,
            stage,
            certainty,
            ..
        } = seen;
        match certainty {
            Certainty::Certain => {
                self.log.say(&format!("restart ({stage}): `{sign}`"));
                self.tell(MachineEvent::Reset {
                    by: EventOrigin::Guest,
                    reason: format!("its serial line said `{sign}`"),
                });
                self.power.set_input_up().await;
            }
            // Only the log has it.
            Certainty::Doubtful(doubt) => {
                let why = doubt.words();
                self.log
                    .say(&format!("no restart, perhaps ({stage}): `{sign}`: {why}"));
            }
        }
    }

    fn line(&mut self, news: LineNews) {
        match news {
            LineNews::Lost(fault) => {
                self.log.say(&format!("serial line lost: {fault}"));
                self.gap.began(&fault.words);
            }
            LineNews::Back => {
                self.log.say("serial line is back");
                self.gap.ended();
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

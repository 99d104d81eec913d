//! The power of a board: one switch at a time, and what is known of it.
//!
//! ```text
//! Off(host) --on--> Unclear --done--> On --words on the serial line, or two answers of the source--> Off(guest)
//!     ^                ^  '--fault: stays Unclear                                        on, or a restart --> On
//!     '------done------'--cut, reset--'
//! ```
//!
//! Only a board that is `On` can power itself off. An answer of the source whose question began before a switch is
//! void: it may be that of the moment without power.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{self, broadcast},
    time::timeout,
};

use super::{
    BoardFault, BoardLog, command::all_ended, kvmd::Kvmd, power_source::PowerSource,
    signs::RestartWatch,
};
use crate::machine::{ControlError, EventOrigin, MachineEvent, RunState};

/// The time beside the limits of a source: for programs that are ending.
const MARGIN: Duration = Duration::from_secs(30);

/// The power of a board, as this process knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    On,
    /// It was switched off from here, or has powered itself off.
    Off(EventOrigin),
    /// A switch is underway, or did not do what it should.
    Unclear,
}

#[derive(Debug)]
struct State {
    known: Known,
    /// The switches that have begun.
    switches: u64,
}

/// The answer to the question whether a board is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    On,
    Off {
        /// The switches that had begun.
        switches: u64,
    },
    /// The source cannot tell.
    NotTold,
    /// It was not asked, or the board was switched meanwhile: the answer says nothing.
    Void,
}

/// The power of a board. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct BoardPower(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: PowerSource,
    /// Finds restarts on the serial line.
    restarts: Arc<Mutex<RestartWatch>>,
    /// The network KVM whose input must be set up again when the board restarts.
    kvmd: Option<Arc<Kvmd>>,
    events: broadcast::Sender<MachineEvent>,
    log: BoardLog,
    state: Mutex<State>,
    /// Given to one program at a time that switches the board or writes its storage.
    turn: sync::Mutex<()>,
}

impl BoardPower {
    pub(super) fn new(
        source: PowerSource,
        restarts: Arc<Mutex<RestartWatch>>,
        kvmd: Option<Arc<Kvmd>>,
        events: broadcast::Sender<MachineEvent>,
        log: BoardLog,
    ) -> Self {
        Self(Arc::new(Inner {
            source,
            restarts,
            kvmd,
            events,
            log,
            state: Mutex::new(State {
                known: Known::Off(EventOrigin::Host),
                switches: 0,
            }),
            turn: sync::Mutex::default(),
        }))
    }

    /// Switches the board on.
    pub(super) async fn start(&self) -> Result<(), BoardFault> {
        let before = self.state().known;
        let _turn = self.begin().await;
        self.restarts().expect_boot();
        let done = match before {
            Known::Off(EventOrigin::Guest) => self.0.source.on_again().await,
            Known::Off(EventOrigin::Host) | Known::On | Known::Unclear => self.0.source.on().await,
        };
        self.0.log.note("power on", &done);
        self.ended(Known::On, done)
    }

    /// Switches the board off, whatever it does.
    pub(super) async fn cut(&self) -> Result<(), BoardFault> {
        let _turn = self.begin().await;
        let done = self.0.source.off().await;
        self.0.log.note("power off", &done);
        self.restarts().switched_off();
        self.ended(Known::Off(EventOrigin::Host), done)
    }

    pub(crate) async fn press_button(&self) -> Result<(), ControlError> {
        let _turn = self.turn().await;
        let done = self.0.source.press_button().await;
        self.0.log.note("power button", &done);
        done?;
        self.tell(MachineEvent::PowerButton);
        Ok(())
    }

    pub(crate) async fn reset(&self) -> Result<(), ControlError> {
        {
            let _turn = self.begin().await;
            self.restarts().expect_boot();
            let done = self.0.source.reset().await;
            self.0.log.note("reset", &done);
            self.ended(Known::On, done)?;
        }
        self.started_over("reset button").await;
        Ok(())
    }

    pub(crate) async fn on(&self) -> Result<(), ControlError> {
        self.start().await?;
        self.started_over("switched on").await;
        Ok(())
    }

    pub(crate) async fn status(&self) -> Result<RunState, ControlError> {
        let known = self.state().known;
        // A relay says `on` also after the system has powered itself off.
        if matches!(known, Known::Off(_)) {
            return Ok(RunState::Shutdown);
        }
        let is_on = self.0.source.is_on().await?;
        Ok(match (is_on, self.state().known) {
            (Some(true), _) | (None, Known::On) => RunState::Running,
            (Some(false), _) | (None, Known::Off(_) | Known::Unclear) => RunState::Shutdown,
        })
    }

    /// Waits until no program switches the board or writes its storage. None does so while the value lives. Does not
    /// wait for longer than a switch can take: the board must be off in the end.
    pub(super) async fn turn(&self) -> Option<sync::MutexGuard<'_, ()>> {
        let turn = timeout(self.longest_switch(), self.0.turn.lock()).await;
        // A command that was given up gets a moment to clean up. It must not switch the board after us.
        all_ended().await;
        turn.ok()
    }

    /// Notes that the system was asked to restart.
    pub(crate) fn announce_restart(&self) {
        self.restarts().announce_restart();
    }

    /// Tells that the board has powered itself off, if it was on.
    pub(super) fn went_off(&self, reason: &str) {
        {
            let mut state = self.state();
            if state.known != Known::On {
                return;
            }
            state.known = Known::Off(EventOrigin::Guest);
        }
        self.0.log.say(&format!("the board is off: {reason}"));
        self.tell(MachineEvent::Shutdown {
            by: EventOrigin::Guest,
            reason: reason.to_owned(),
        });
    }

    /// Notes that the board has restarted by itself. One that had powered itself off is on again: a clock or the
    /// network woke it.
    pub(super) fn came_back(&self) {
        let mut state = self.state();
        if state.known == Known::Off(EventOrigin::Guest) {
            state.known = Known::On;
        }
    }

    /// Returns the last words of a board that is off by them: nothing came after them. None if something did.
    pub(super) fn last_words(&self, is_line_whole: bool) -> Option<&'static str> {
        self.restarts().take_power_off(is_line_whole)
    }

    /// Asks the source if the board is on. A board that is off, or is being switched, is not asked.
    pub(super) async fn ask(&self) -> Result<Life, BoardFault> {
        let Some(switches) = self.switches_if_on() else {
            return Ok(Life::Void);
        };
        let is_on = self.0.source.is_on().await;
        if self.switches_if_on() != Some(switches) {
            return Ok(Life::Void);
        }
        Ok(match is_on? {
            Some(true) => Life::On,
            Some(false) => Life::Off { switches },
            None => Life::NotTold,
        })
    }

    /// Returns the time between two questions whether the board is on.
    pub(super) fn ask_every(&self) -> Duration {
        self.0.source.ask_every()
    }

    /// Returns a limit for one switch that only a source can reach that does not keep its own limits.
    pub(super) fn longest_switch(&self) -> Duration {
        self.0.source.longest_switch().saturating_add(MARGIN)
    }

    /// Begins a switch: what is known of the power is over.
    async fn begin(&self) -> Option<sync::MutexGuard<'_, ()>> {
        let turn = self.turn().await;
        let mut state = self.state();
        state.known = Known::Unclear;
        state.switches += 1;
        turn
    }

    /// Notes what a switch has done.
    fn ended(&self, known: Known, done: Result<(), BoardFault>) -> Result<(), BoardFault> {
        if done.is_ok() {
            self.state().known = known;
        }
        done
    }

    fn switches_if_on(&self) -> Option<u64> {
        let state = self.state();
        (state.known == Known::On).then_some(state.switches)
    }

    async fn started_over(&self, reason: &str) {
        self.tell(MachineEvent::Reset {
            by: EventOrigin::Host,
            reason: reason.to_owned(),
            at: None,
        });
        self.set_input_up().await;
    }

    /// Sets the keyboard of the network KVM up again: some forget it when the board restarts.
    pub(super) async fn set_input_up(&self) {
        if let Some(kvmd) = &self.0.kvmd {
            let done = kvmd.reset_input().await;
            self.0.log.note("set up the input", &done);
        }
    }

    fn restarts(&self) -> MutexGuard<'_, RestartWatch> {
        let restarts = &self.0.restarts;
        restarts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, event: MachineEvent) {
        // An error means that nobody listens.
        drop(self.0.events.send(event));
    }
}

#[cfg(test)]
#[path = "power_tests.rs"]
mod tests;

//! The power of a board.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::broadcast;

use super::{
    BoardFault, BoardLog, FaultKind, command::PowerCommands, kvmd::Kvmd, labgrid::Labgrid,
    redfish::Redfish, signs::RestartWatch,
};
use crate::machine::{ControlError, EventOrigin, MachineEvent, RunState};

/// A source of power that is connected.
#[derive(Debug)]
pub(super) enum PowerSource {
    Labgrid(Arc<Labgrid>),
    Kvmd(Arc<Kvmd>),
    Redfish(Arc<Redfish>),
    Commands(Box<PowerCommands>),
    /// The description names a service that it does not have.
    Absent,
}

impl PowerSource {
    async fn on(&self) -> Result<(), BoardFault> {
        match self {
            Self::Labgrid(labgrid) => labgrid.power_on().await,
            Self::Kvmd(kvmd) => kvmd.power_on().await,
            Self::Redfish(redfish) => redfish.on().await,
            Self::Commands(commands) => commands.on().await,
            Self::Absent => Err(absent()),
        }
    }

    async fn off(&self) -> Result<(), BoardFault> {
        match self {
            Self::Labgrid(labgrid) => labgrid.power_off().await,
            Self::Kvmd(kvmd) => kvmd.power_off().await,
            Self::Redfish(redfish) => redfish.off().await,
            Self::Commands(commands) => commands.off().await,
            Self::Absent => Err(absent()),
        }
    }

    async fn reset(&self) -> Result<(), BoardFault> {
        match self {
            Self::Labgrid(labgrid) => labgrid.power_cycle().await,
            Self::Kvmd(kvmd) => kvmd.reset().await,
            Self::Redfish(redfish) => redfish.reset().await,
            Self::Commands(commands) => commands.reset().await,
            Self::Absent => Err(absent()),
        }
    }

    /// Presses the button. Labgrid has none, which the capabilities say.
    async fn press_button(&self) -> Result<(), BoardFault> {
        match self {
            Self::Labgrid(labgrid) => labgrid.power_cycle().await,
            Self::Kvmd(kvmd) => kvmd.press_button().await,
            Self::Redfish(redfish) => redfish.press_button().await,
            Self::Commands(commands) => commands.press_button().await,
            Self::Absent => Err(absent()),
        }
    }

    /// Returns whether the board is on. None if the source does not tell.
    async fn is_on(&self) -> Result<Option<bool>, BoardFault> {
        match self {
            Self::Labgrid(labgrid) => match labgrid.is_on().await {
                Ok(is_on) => Ok(Some(is_on)),
                // Not every switch can tell.
                Err(fault) => match fault.kind {
                    FaultKind::Refused
                    | FaultKind::NoSignal
                    | FaultKind::NotUnderstood
                    | FaultKind::Missing => Ok(None),
                    FaultKind::Unreachable
                    | FaultKind::Denied
                    | FaultKind::Held
                    | FaultKind::TimedOut => Err(fault),
                },
            },
            Self::Kvmd(kvmd) => kvmd.is_on().await,
            Self::Redfish(redfish) => redfish.is_on().await,
            Self::Commands(commands) => commands.is_on().await,
            Self::Absent => Ok(None),
        }
    }
}

fn absent() -> BoardFault {
    BoardFault::new(
        FaultKind::Refused,
        "the power comes from a service that the board does not have",
    )
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
    /// False after it was switched off, or was seen to be off.
    is_on: AtomicBool,
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
            is_on: AtomicBool::new(false),
        }))
    }

    /// Switches the board on for the first time in a run.
    pub(super) async fn start(&self) -> Result<(), BoardFault> {
        self.expect_boot();
        let done = self.0.source.on().await;
        self.0.log.note("power on", &done);
        done?;
        self.0.is_on.store(true, Ordering::Release);
        Ok(())
    }

    /// Switches the board off, whatever it does.
    pub(super) async fn cut(&self) -> Result<(), BoardFault> {
        self.0.is_on.store(false, Ordering::Release);
        let done = self.0.source.off().await;
        self.0.log.note("power off", &done);
        self.restarts().switched_off();
        done
    }

    pub(crate) async fn press_button(&self) -> Result<(), ControlError> {
        let done = self.0.source.press_button().await;
        self.0.log.note("power button", &done);
        done?;
        self.tell(MachineEvent::PowerButton);
        Ok(())
    }

    pub(crate) async fn reset(&self) -> Result<(), ControlError> {
        self.expect_boot();
        let done = self.0.source.reset().await;
        self.0.log.note("reset", &done);
        done?;
        self.started_over("reset button").await;
        Ok(())
    }

    pub(crate) async fn on(&self) -> Result<(), ControlError> {
        self.expect_boot();
        let done = self.0.source.on().await;
        self.0.log.note("power on", &done);
        done?;
        self.started_over("switched on").await;
        Ok(())
    }

    pub(crate) async fn status(&self) -> Result<RunState, ControlError> {
        let is_on = match self.0.source.is_on().await? {
            Some(is_on) => is_on,
            None => self.0.is_on.load(Ordering::Acquire),
        };
        Ok(if is_on {
            RunState::Running
        } else {
            RunState::Shutdown
        })
    }

    /// Notes that the system was asked to restart.
    pub(crate) fn announce_restart(&self) {
        self.restarts().announce_restart();
    }

    /// Tells that the board has powered itself off, if it was on.
    pub(super) fn went_off(&self, reason: &str) {
        if self.0.is_on.swap(false, Ordering::AcqRel) {
            self.0.log.say(&format!("the board is off: {reason}"));
            self.tell(MachineEvent::Shutdown {
                by: EventOrigin::Guest,
                reason: reason.to_owned(),
            });
        }
    }

    /// Returns whether the source says that the board is off although it was on. False if it does not tell.
    pub(super) async fn is_found_off(&self) -> bool {
        let was_on = self.0.is_on.load(Ordering::Acquire);
        was_on && matches!(self.0.source.is_on().await, Ok(Some(false)))
    }

    /// Returns whether the source tells if the board is on.
    pub(super) async fn tells(&self) -> bool {
        matches!(self.0.source.is_on().await, Ok(Some(_)))
    }

    /// Returns the time between two questions whether the board is on. A question to labgrid starts a program of half a
    /// second.
    pub(super) fn ask_every(&self) -> Duration {
        match &self.0.source {
            PowerSource::Labgrid(_) => Duration::from_secs(10),
            PowerSource::Kvmd(_)
            | PowerSource::Redfish(_)
            | PowerSource::Commands(_)
            | PowerSource::Absent => Duration::from_secs(2),
        }
    }

    async fn started_over(&self, reason: &str) {
        self.0.is_on.store(true, Ordering::Release);
        self.tell(MachineEvent::Reset {
            by: EventOrigin::Host,
            reason: reason.to_owned(),
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

    fn expect_boot(&self) {
        self.restarts().expect_boot();
    }

    fn restarts(&self) -> MutexGuard<'_, RestartWatch> {
        let restarts = &self.0.restarts;
        restarts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, event: MachineEvent) {
        // An error means that nobody listens.
        drop(self.0.events.send(event));
    }
}

//! The power of a machine: button, reset, pause.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::{Capabilities, Capability, ControlError, Lack, RunState};
use crate::{board::BoardPower, qemu::QemuPower, scripted::ScriptedPower};

/// The machine's power: button, reset, pause. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Power {
    line: PowerLine,
    capabilities: Capabilities,
    /// True if this program has paused the machine.
    is_held: Arc<AtomicBool>,
}

/// The way to the power, for each backend.
#[derive(Debug, Clone)]
enum PowerLine {
    Qemu(QemuPower),
    Board(BoardPower),
    Scripted(ScriptedPower),
}

/// The reason why a power operation failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot {action} the machine")]
pub struct PowerError {
    /// The operation, such as `reset`.
    pub action: &'static str,
    /// The reason.
    pub source: ControlError,
}

impl Power {
    /// Returns the power of a QEMU.
    pub(crate) fn of_qemu(power: QemuPower, capabilities: Capabilities) -> Self {
        Self::new(PowerLine::Qemu(power), capabilities)
    }

    /// Returns the power of a board.
    pub(crate) fn of_board(power: BoardPower, capabilities: Capabilities) -> Self {
        Self::new(PowerLine::Board(power), capabilities)
    }

    /// Returns the power of a scripted machine.
    pub(crate) fn of_script(power: ScriptedPower, capabilities: Capabilities) -> Self {
        Self::new(PowerLine::Scripted(power), capabilities)
    }

    fn new(line: PowerLine, capabilities: Capabilities) -> Self {
        Self {
            line,
            capabilities,
            is_held: Arc::default(),
        }
    }

    /// Returns the flag that tells whether this program has paused the machine.
    pub(crate) fn is_held(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.is_held)
    }

    /// Presses the power button, which asks the guest to shut down. The guest may take its time, or not react.
    ///
    /// # Errors
    /// When the machine cannot do it, or refuses the command.
    pub async fn press_button(&self) -> Result<(), PowerError> {
        self.require(Capability::PowerButton, "press the power button of")?;
        let pressed = match &self.line {
            PowerLine::Qemu(power) => power.press_button().await,
            PowerLine::Board(power) => power.press_button().await,
            PowerLine::Scripted(power) => power.press_button().await,
        };
        pressed.map_err(failed("press the power button of"))
    }

    /// Presses the reset button.
    ///
    /// # Errors
    /// When the machine cannot do it, or refuses the command.
    pub async fn reset(&self) -> Result<(), PowerError> {
        self.require(Capability::Reset, "reset")?;
        let reset = match &self.line {
            PowerLine::Qemu(power) => power.reset().await,
            PowerLine::Board(power) => power.reset().await,
            PowerLine::Scripted(power) => power.reset().await,
        };
        reset.map_err(failed("reset"))
    }

    /// Switches on a machine that is off or has panicked: a cold start from its disks.
    ///
    /// # Errors
    /// When the machine cannot do it, or refuses the command.
    pub async fn on(&self) -> Result<(), PowerError> {
        self.require(Capability::SwitchOn, "switch on")?;
        let on = match &self.line {
            PowerLine::Qemu(power) => power.on(&self.is_held).await,
            PowerLine::Board(power) => power.on().await,
            PowerLine::Scripted(power) => {
                self.is_held.store(false, Ordering::Release);
                power.on().await
            }
        };
        on.map_err(failed("switch on"))
    }

    /// Notes that the guest was asked to restart itself. A board, whose restarts are found by what it says, takes the
    /// next sign of a boot for one.
    pub fn announce_restart(&self) {
        match &self.line {
            PowerLine::Board(power) => power.announce_restart(),
            PowerLine::Qemu(_) | PowerLine::Scripted(_) => {}
        }
    }

    /// Stops the machine's processors.
    ///
    /// # Errors
    /// When the machine cannot do it, or refuses the command.
    pub async fn pause(&self) -> Result<(), PowerError> {
        self.require(Capability::Pause, "pause")?;
        self.is_held.store(true, Ordering::Release);
        self.stop().await
    }

    /// Continues the machine's processors.
    ///
    /// # Errors
    /// When the machine cannot do it, or refuses the command.
    pub async fn resume(&self) -> Result<(), PowerError> {
        self.require(Capability::Pause, "resume")?;
        let resumed = self.cont().await;
        self.is_held.store(false, Ordering::Release);
        resumed
    }

    /// Stops the machine's processors if they run, because this program is about to be stopped. Returns whether they
    /// were stopped: a machine that cannot be paused runs on.
    ///
    /// # Errors
    /// When the machine refuses the command.
    pub async fn stand_still(&self) -> Result<bool, PowerError> {
        if !self.capabilities.has(Capability::Pause) || self.status().await? != RunState::Running {
            return Ok(false);
        }
        self.stop().await?;
        Ok(true)
    }

    /// Continues a machine that was stopped by [`stand_still`](Self::stand_still), unless it was paused by another
    /// caller meanwhile.
    ///
    /// # Errors
    /// When the machine refuses the command.
    pub async fn go_on(&self) -> Result<(), PowerError> {
        if self.is_held.load(Ordering::Acquire) {
            return Ok(());
        }
        self.cont().await
    }

    /// Returns the state of the machine.
    ///
    /// # Errors
    /// When the machine does not answer.
    pub async fn status(&self) -> Result<RunState, PowerError> {
        let status = match &self.line {
            PowerLine::Qemu(power) => power.status().await,
            PowerLine::Board(power) => power.status().await,
            PowerLine::Scripted(power) => power.status().await,
        };
        status.map_err(failed("ask the state of"))
    }

    fn require(&self, capability: Capability, action: &'static str) -> Result<(), PowerError> {
        let required = self.capabilities.require(capability);
        required.map_err(|lack| failed(action)(lack.into()))
    }

    async fn stop(&self) -> Result<(), PowerError> {
        let stopped = match &self.line {
            PowerLine::Qemu(power) => power.stop().await,
            PowerLine::Board(_) => Err(Lack::without_remedy(Capability::Pause).into()),
            PowerLine::Scripted(power) => power.stop().await,
        };
        stopped.map_err(failed("pause"))
    }

    async fn cont(&self) -> Result<(), PowerError> {
        let resumed = match &self.line {
            PowerLine::Qemu(power) => power.cont().await,
            PowerLine::Board(_) => Err(Lack::without_remedy(Capability::Pause).into()),
            PowerLine::Scripted(power) => power.cont().await,
        };
        resumed.map_err(failed("resume"))
    }
}

fn failed(action: &'static str) -> impl FnOnce(ControlError) -> PowerError {
    move |source| PowerError { action, source }
}

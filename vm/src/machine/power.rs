//! The power of a machine: button, reset, pause.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::{ControlError, RunState};
use crate::{qemu::QemuPower, scripted::ScriptedPower};

/// The machine's power: button, reset, pause. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Power {
    line: PowerLine,
    /// True if the machine is paused, and by this program.
    is_held: Arc<AtomicBool>,
}

/// The way to the power of a machine of each backend.
#[derive(Debug, Clone)]
enum PowerLine {
    Qemu(QemuPower),
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
    /// The power of a QEMU.
    pub(crate) fn of_qemu(power: QemuPower) -> Self {
        Self::new(PowerLine::Qemu(power))
    }

    /// The power of a scripted machine.
    pub(crate) fn of_script(power: ScriptedPower) -> Self {
        Self::new(PowerLine::Scripted(power))
    }

    fn new(line: PowerLine) -> Self {
        Self {
            line,
            is_held: Arc::default(),
        }
    }

    /// Tells whether the machine is paused, and by this program.
    pub(crate) fn is_held(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.is_held)
    }

    /// Presses the power button: the guest is asked to shut down. It may take its time, or not react.
    ///
    /// # Errors
    /// When the machine does not take the command.
    pub async fn press_button(&self) -> Result<(), PowerError> {
        let pressed = match &self.line {
            PowerLine::Qemu(power) => power.press_button().await,
            PowerLine::Scripted(power) => power.press_button().await,
        };
        pressed.map_err(failed("press the power button of"))
    }

    /// Presses the reset button.
    ///
    /// # Errors
    /// When the machine does not take the command.
    pub async fn reset(&self) -> Result<(), PowerError> {
        let reset = match &self.line {
            PowerLine::Qemu(power) => power.reset().await,
            PowerLine::Scripted(power) => power.reset().await,
        };
        reset.map_err(failed("reset"))
    }

    /// Switches a machine that is off (or panicked) on again: a cold start from its disks as they are.
    ///
    /// # Errors
    /// When the machine does not take the command.
    pub async fn on(&self) -> Result<(), PowerError> {
        let on = match &self.line {
            PowerLine::Qemu(power) => power.on(&self.is_held).await,
            PowerLine::Scripted(power) => {
                self.is_held.store(false, Ordering::Release);
                power.on().await
            }
        };
        on.map_err(failed("switch on"))
    }

    /// Stops the machine's processors.
    ///
    /// # Errors
    /// When the machine does not take the command.
    pub async fn pause(&self) -> Result<(), PowerError> {
        self.is_held.store(true, Ordering::Release);
        self.stop().await
    }

    /// Lets the machine's processors go on.
    ///
    /// # Errors
    /// When the machine does not take the command.
    pub async fn resume(&self) -> Result<(), PowerError> {
        let resumed = self.cont().await;
        self.is_held.store(false, Ordering::Release);
        resumed
    }

    /// Stops the machine's processors if they run, because this program is about to be stopped. Returns whether they
    /// ran.
    ///
    /// # Errors
    /// When the machine does not take the command.
    pub async fn stand_still(&self) -> Result<bool, PowerError> {
        if self.status().await? != RunState::Running {
            return Ok(false);
        }
        self.stop().await?;
        Ok(true)
    }

    /// Lets a machine go on that [stood still](Self::stand_still), unless it was paused for something else meanwhile.
    ///
    /// # Errors
    /// When the machine does not take the command.
    pub async fn go_on(&self) -> Result<(), PowerError> {
        if self.is_held.load(Ordering::Acquire) {
            return Ok(());
        }
        self.cont().await
    }

    /// Returns what the machine is doing.
    ///
    /// # Errors
    /// When the machine does not answer.
    pub async fn status(&self) -> Result<RunState, PowerError> {
        let status = match &self.line {
            PowerLine::Qemu(power) => power.status().await,
            PowerLine::Scripted(power) => power.status().await,
        };
        status.map_err(failed("ask the state of"))
    }

    async fn stop(&self) -> Result<(), PowerError> {
        let stopped = match &self.line {
            PowerLine::Qemu(power) => power.stop().await,
            PowerLine::Scripted(power) => power.stop().await,
        };
        stopped.map_err(failed("pause"))
    }

    async fn cont(&self) -> Result<(), PowerError> {
        let resumed = match &self.line {
            PowerLine::Qemu(power) => power.cont().await,
            PowerLine::Scripted(power) => power.cont().await,
        };
        resumed.map_err(failed("resume"))
    }
}

fn failed(action: &'static str) -> impl FnOnce(ControlError) -> PowerError {
    move |source| PowerError { action, source }
}

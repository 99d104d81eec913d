use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use tokio::{sync::broadcast::error::RecvError, time::timeout};

use crate::qmp::{Qmp, QmpError, Sensitivity};

/// How long a reset may take until QEMU tells of it: milliseconds as a rule.
const RESET: Duration = Duration::from_secs(30);

/// The machine's power: button, reset, pause. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Power {
    qmp: Qmp,
    /// True if the machine is paused, and by this program.
    is_held: Arc<AtomicBool>,
}

/// Why a power operation failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot {action} the machine")]
pub struct PowerError {
    /// What was tried, such as `reset`.
    pub action: &'static str,
    /// Why it failed.
    pub source: QmpError,
}

/// What a machine is doing, as QEMU says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunState {
    /// The guest runs.
    Running,
    /// Stopped by request, or not started yet.
    Paused,
    /// Powered off; QEMU is still there.
    Shutdown,
    /// The guest sleeps.
    Suspended,
    /// The guest's kernel panicked.
    Panicked,
    /// The accelerator failed.
    InternalError,
    /// Stopped by a disk error of the host.
    IoError,
    /// Any other, by QEMU's name.
    Other(String),
}

impl Power {
    pub(crate) fn new(qmp: Qmp) -> Self {
        Self {
            qmp,
            is_held: Arc::default(),
        }
    }

    /// Tells whether the machine is paused, and by this program.
    pub(crate) fn is_held(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.is_held)
    }

    async fn command(&self, action: &'static str, command: &str) -> Result<Value, PowerError> {
        self.qmp
            .raw(command, Value::Null, Sensitivity::Open)
            .await
            .map_err(|source| PowerError { action, source })
    }

    /// Presses the power button: the guest is asked to shut down. It may take its time, or not react.
    ///
    /// # Errors
    /// When QEMU does not take the command.
    pub async fn press_button(&self) -> Result<(), PowerError> {
        self.command("press the power button of", "system_powerdown")
            .await
            .map(drop)
    }

    /// Presses the reset button.
    ///
    /// # Errors
    /// When QEMU does not take the command.
    pub async fn reset(&self) -> Result<(), PowerError> {
        self.command("reset", "system_reset").await.map(drop)
    }

    /// Switches a machine that is off (or panicked) on again: a cold start from its disks as they are.
    ///
    /// # Errors
    /// When QEMU does not take the command.
    pub async fn on(&self) -> Result<(), PowerError> {
        let action = "switch on";
        let mut events = self.qmp.events();
        self.command(action, "system_reset").await?;
        // QEMU resets after it answered, and goes on only when that is done.
        let reset = async {
            loop {
                match events.recv().await {
                    Ok(event) if event.name == "RESET" => return Ok(()),
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => {
                        return Err(QmpError::Closed {
                            command: "system_reset".to_owned(),
                        });
                    }
                }
            }
        };
        let reset = match timeout(RESET, reset).await {
            Ok(reset) => reset,
            Err(_) => Err(QmpError::TimedOut {
                command: "system_reset".to_owned(),
                seconds: RESET.as_secs(),
            }),
        };
        reset.map_err(|source| PowerError { action, source })?;
        self.is_held.store(false, Ordering::Release);
        self.command(action, "cont").await.map(drop)
    }

    /// Stops the machine's processors.
    ///
    /// # Errors
    /// When QEMU does not take the command.
    pub async fn pause(&self) -> Result<(), PowerError> {
        self.is_held.store(true, Ordering::Release);
        self.command("pause", "stop").await.map(drop)
    }

    /// Lets the machine's processors go on.
    ///
    /// # Errors
    /// When QEMU does not take the command.
    pub async fn resume(&self) -> Result<(), PowerError> {
        let resumed = self.command("resume", "cont").await.map(drop);
        self.is_held.store(false, Ordering::Release);
        resumed
    }

    /// Stops the machine's processors if they run, because this program is about to be stopped. Whether they ran.
    ///
    /// # Errors
    /// When QEMU does not take the command.
    pub async fn stand_still(&self) -> Result<bool, PowerError> {
        if self.status().await? != RunState::Running {
            return Ok(false);
        }
        self.command("pause", "stop").await?;
        Ok(true)
    }

    /// Lets a machine go on that [stood still](Self::stand_still), unless it was paused for something else meanwhile.
    ///
    /// # Errors
    /// When QEMU does not take the command.
    pub async fn go_on(&self) -> Result<(), PowerError> {
        if self.is_held.load(Ordering::Acquire) {
            return Ok(());
        }
        self.command("resume", "cont").await.map(drop)
    }

    /// What the machine is doing.
    ///
    /// # Errors
    /// When QEMU does not answer.
    pub async fn status(&self) -> Result<RunState, PowerError> {
        let action = "ask the state of";
        let answer = self.command(action, "query-status").await?;
        RunState::of(&answer).ok_or_else(|| PowerError {
            action,
            source: QmpError::UnexpectedAnswer {
                command: "query-status".to_owned(),
                reason: format!("no `status` in {answer}"),
            },
        })
    }
}

impl RunState {
    /// The state in an answer to `query-status`.
    pub(crate) fn of(answer: &Value) -> Option<Self> {
        answer["status"].as_str().map(Self::named)
    }

    /// The state QEMU calls so.
    fn named(name: &str) -> Self {
        match name {
            "running" => Self::Running,
            "paused" | "prelaunch" => Self::Paused,
            "shutdown" => Self::Shutdown,
            "suspended" => Self::Suspended,
            "guest-panicked" => Self::Panicked,
            "internal-error" => Self::InternalError,
            "io-error" => Self::IoError,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Shutdown => "shutdown",
            Self::Suspended => "suspended",
            Self::Panicked => "guest-panicked",
            Self::InternalError => "internal-error",
            Self::IoError => "io-error",
            Self::Other(name) => name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qmp::fake::FakeQemu;

    #[tokio::test]
    async fn switching_on_waits_for_the_reset_before_the_machine_goes_on() {
        let (qmp, _events, mut qemu) = FakeQemu::connected().await;
        let power = Power::new(qmp);
        let server = async {
            qemu.answer("system_reset", "{}").await;
            qemu.say(
                "{\"event\": \"STOP\"}\n{\"event\": \"RESET\", \"data\": {\"guest\": false}}\n",
            )
            .await;
            qemu.answer("cont", "{}").await;
        };
        let (on, ()) = tokio::join!(power.on(), server);
        on.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_reset_that_never_comes_is_an_error() {
        let (qmp, _events, mut qemu) = FakeQemu::connected().await;
        let power = Power::new(qmp);
        let (on, _) = tokio::join!(power.on(), qemu.answer("system_reset", "{}"));
        let error = on.unwrap_err();
        assert_eq!(error.to_string(), "cannot switch on the machine");
        assert_eq!(
            error.source.to_string(),
            "QEMU did not answer `system_reset` within 30 s"
        );
    }

    #[tokio::test]
    async fn states_are_read_and_printed_by_qemus_names() {
        let (qmp, _events, mut qemu) = FakeQemu::connected().await;
        let power = Power::new(qmp);
        for (name, state) in [
            ("running", RunState::Running),
            ("shutdown", RunState::Shutdown),
            ("suspended", RunState::Suspended),
            ("guest-panicked", RunState::Panicked),
            ("internal-error", RunState::InternalError),
            ("io-error", RunState::IoError),
            ("colo", RunState::Other("colo".to_owned())),
        ] {
            let answer = format!("{{\"status\": \"{name}\", \"running\": false}}");
            let (status, _) = tokio::join!(power.status(), qemu.answer("query-status", &answer));
            let status = status.unwrap();
            assert_eq!((status.to_string().as_str(), &status), (name, &state));
        }
        let (status, _) = tokio::join!(power.status(), qemu.answer("query-status", "[]"));
        assert!(matches!(
            status.unwrap_err().source,
            QmpError::UnexpectedAnswer { .. }
        ));
    }
}

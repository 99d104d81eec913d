//! The power of a QEMU, by QMP.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use qapi::qmp;
use serde::Deserialize;
use tokio::{sync::broadcast::error::RecvError, time::timeout};

use super::qmp::{Call, Qmp, QmpError};
use crate::machine::{ControlError, RunState};

/// The longest time from a reset until QEMU reports it. Normally milliseconds.
const RESET: Duration = Duration::from_secs(30);

/// The power of a QEMU. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct QemuPower(Qmp);

impl QemuPower {
    pub(crate) fn new(qmp: Qmp) -> Self {
        Self(qmp)
    }

    async fn done<C: qapi::Command>(&self, command: C) -> Result<(), ControlError> {
        self.0.execute(command).await?;
        Ok(())
    }

    pub(crate) async fn press_button(&self) -> Result<(), ControlError> {
        self.done(qmp::system_powerdown {}).await
    }

    pub(crate) async fn reset(&self) -> Result<(), ControlError> {
        self.done(qmp::system_reset {}).await
    }

    pub(crate) async fn stop(&self) -> Result<(), ControlError> {
        self.done(qmp::stop {}).await
    }

    pub(crate) async fn cont(&self) -> Result<(), ControlError> {
        self.done(qmp::cont {}).await
    }

    /// Resets the machine and continues it. Clears `is_held` between.
    pub(crate) async fn on(&self, is_held: &AtomicBool) -> Result<(), ControlError> {
        let mut events = self.0.events();
        self.0.execute(qmp::system_reset {}).await?;
        // QEMU resets after its answer, and can be continued only when the reset is done.
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
        match timeout(RESET, reset).await {
            Ok(reset) => reset?,
            Err(_) => {
                return Err(QmpError::TimedOut {
                    command: "system_reset".to_owned(),
                    seconds: RESET.as_secs(),
                }
                .into());
            }
        }
        is_held.store(false, Ordering::Release);
        self.cont().await
    }

    pub(crate) async fn status(&self) -> Result<RunState, ControlError> {
        Ok(run_state(&self.0, Call::default()).await?)
    }
}

/// An answer to `query-status`. The type of `qapi` refuses a state that a newer QEMU may add.
#[derive(Deserialize)]
struct Status {
    status: String,
}

/// Asks for the state of the machine.
pub(crate) async fn run_state(qmp: &Qmp, call: Call) -> Result<RunState, QmpError> {
    let Status { status } = qmp.ask(qmp::query_status {}, call).await?;
    Ok(named(&status))
}

/// Returns the state with QEMU's name `name`.
fn named(name: &str) -> RunState {
    match name {
        "running" => RunState::Running,
        "paused" | "prelaunch" => RunState::Paused,
        "shutdown" => RunState::Shutdown,
        "suspended" => RunState::Suspended,
        "guest-panicked" => RunState::Panicked,
        "internal-error" => RunState::InternalError,
        "io-error" => RunState::IoError,
        other => RunState::Other(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Arch, MachineSpec, Offers,
        machine::{ControlErrorKind, Power},
        qemu::qmp::fake::FakeQemu,
    };

    fn power_of(qmp: Qmp) -> Power {
        let spec = MachineSpec::desktop(Arch::X86_64);
        Power::of_qemu(QemuPower::new(qmp), spec.capabilities(Offers::default()))
    }

    #[tokio::test]
    async fn switching_on_waits_for_the_reset_before_the_machine_goes_on() {
        let (qmp, _events, mut qemu) = FakeQemu::connected().await;
        let power = power_of(qmp);
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
        let power = power_of(qmp);
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
        let power = power_of(qmp);
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
        let error = status.unwrap_err().source;
        assert_eq!(error.kind, ControlErrorKind::NotUnderstood);
    }
}

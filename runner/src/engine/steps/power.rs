//! `reboot`, `shutdown`, `power`.

use std::time::Duration;

use reports::CauseKind;
use scenarios::{Power, RebootBy};
use vm::agent::ShutdownMode;
use vm::{AgentError, ControlErrorKind, PowerError, RunState};

use crate::engine::bench::Bench;
use crate::engine::session::{PowerRequest, Wake};
use crate::engine::step_output::StepOutput;
use crate::engine::steps::run::{nonsense, refused};
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::failure::chain;

impl Bench<'_> {
    /// Turns the failure of a power command into the machine's own reason, if there is one.
    async fn powered(&mut self, result: Result<(), PowerError>) -> Result<(), Stop> {
        match result {
            Ok(()) => Ok(()),
            Err(error) => {
                let otherwise = Stop::error(CauseKind::Harness, chain(&error));
                Err(self.session()?.explain(otherwise).await)
            }
        }
    }

    /// Waits until the machine restarts or powers off, as `awaited` says. `what` is the message of a missed deadline.
    pub(super) async fn await_power(
        &mut self,
        awaited: Wake,
        what: &str,
        wait: &Wait,
    ) -> Result<StepOutput, Stop> {
        let result = loop {
            match self.session()?.wake(Some(wait.deadline())).await {
                Ok(wake) if wake == awaited => break Ok(StepOutput::default()),
                Ok(_) if wait.is_over() => {
                    let message = format!("{what} within {}", wait.words());
                    let stop = Stop::failed(CauseKind::Deadline, message);
                    break Err(self.session()?.unless_unnoticed(stop, wait));
                }
                Ok(_) => {}
                Err(stop) => break Err(stop),
            }
        };
        if let Ok(session) = self.session() {
            session.forget_power_request();
        }
        result
    }

    /// Restarts the guest, through its agent or by a reset of the machine.
    pub(super) async fn reboot(&mut self, by: RebootBy, wait: &Wait) -> Result<StepOutput, Stop> {
        match by {
            RebootBy::Reset => return self.reset(wait).await,
            RebootBy::Guest => {}
        }
        self.session()?.check_on()?;
        self.wait_for_agent(wait).await?;
        self.look_of_watches().await?;
        let session = self.session()?;
        session.search_serial_from_here();
        session.request_power(PowerRequest::Restart);
        let agent = session.machine().agent().clone();
        // Awaited without judging other events: a reset among them is the one that is awaited below.
        ask_guest(agent.shutdown(ShutdownMode::Reboot).await)?;
        self.await_power(Wake::Reset, "the guest did not restart", wait)
            .await
    }

    /// Resets the machine and waits for the reset.
    async fn reset(&mut self, wait: &Wait) -> Result<StepOutput, Stop> {
        let session = self.session()?;
        session.check_on()?;
        session.search_serial_from_here();
        session.request_power(PowerRequest::Restart);
        let power = session.machine().power().clone();
        let done = power.reset().await;
        self.powered(done).await?;
        self.await_power(Wake::Reset, "the machine was not reset", wait)
            .await
    }

    /// Powers the guest off, through its agent or by the power button, and waits for it.
    pub(super) async fn shutdown(&mut self, wait: &Wait) -> Result<StepOutput, Stop> {
        self.session()?.check_on()?;
        self.look_of_watches().await?;
        let session = self.session()?;
        session.request_power(PowerRequest::PowerOff);
        if session.machine().agent().is_connected() {
            let agent = session.machine().agent().clone();
            ask_guest(agent.shutdown(ShutdownMode::PowerOff).await)?;
        } else {
            let power = session.machine().power().clone();
            let done = power.press_button().await;
            self.powered(done).await?;
        }
        self.await_power(Wake::Shutdown, "the guest did not power off", wait)
            .await
    }

    /// Switches the machine on, presses its power button, resets it, or cuts its power.
    pub(super) async fn power(&mut self, power: Power, wait: &Wait) -> Result<StepOutput, Stop> {
        match power {
            Power::On => self.power_on(wait).await,
            Power::Off => {
                self.session()?.check_on()?;
                self.look_of_watches().await?;
                let session = self.session()?;
                session.request_power(PowerRequest::PowerOff);
                let power = session.machine().power().clone();
                let done = power.press_button().await;
                self.powered(done).await?;
                Ok(StepOutput::default())
            }
            Power::Reset => self.reset(&wait.at_most(Duration::from_secs(60))).await,
            Power::Cut => {
                let session = self.session()?;
                let cut = session.machine().cut().await;
                cut.map_err(|error| match error.kind {
                    ControlErrorKind::Lacking(_) => Stop::missing(error.to_string()),
                    ControlErrorKind::Refused
                    | ControlErrorKind::Gone
                    | ControlErrorKind::Silent
                    | ControlErrorKind::NotUnderstood => {
                        let message = format!("the power was not cut: {error}");
                        Stop::error(CauseKind::Harness, message).hint(
                            "look at the switch of the board; `board.log` has what was asked of it",
                        )
                    }
                })?;
                session.mark_cut()?;
                Ok(StepOutput::default())
            }
        }
    }

    /// Switches on a machine that powered itself off, or whose power was cut.
    async fn power_on(&mut self, wait: &Wait) -> Result<StepOutput, Stop> {
        if let Some(session) = self.session.as_ref().filter(|session| !session.is_over()) {
            // The guest may still be shutting down: switching the machine on now would cut its power.
            if session.expects_shutdown() {
                self.await_power(Wake::Shutdown, "the guest did not power off", wait)
                    .await?;
            }
            self.refuse_on().await?;
        }
        let Some(mut session) = self.session.take() else {
            return Err(Stop::error(
                CauseKind::Scenario,
                "there is no machine to switch on",
            ));
        };
        let ledger = std::mem::take(session.ledger());
        let (machine, watches) = session.into_parts();
        let (machine, events) = machine
            .relaunch()
            .await
            .map_err(|error| self.not_launched(&error))?;
        self.adopt(machine, events, watches.for_relaunched());
        // An outer step continues to count resets.
        *self.session()?.ledger() = ledger;
        Ok(StepOutput::default())
    }

    /// Fails if the machine is on.
    async fn refuse_on(&mut self) -> Result<(), Stop> {
        self.settle().await?;
        let power = self.session()?.machine().power().clone();
        match power.status().await {
            Ok(RunState::Running | RunState::Paused | RunState::Suspended) => Err(Stop::error(
                CauseKind::Scenario,
                "the machine is on, it cannot be switched on",
            )
            .hint("`shutdown` or `power: cut` comes before `power: on`")),
            // A machine in any other state counts as off. If QEMU does not answer, an event reports its end.
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

/// Judges the agent's answer to a restart or power-off. No answer counts as success, because the agent may end with its
/// guest before it answers.
fn ask_guest(answer: Result<(), AgentError>) -> Result<(), Stop> {
    match answer {
        Ok(()) | Err(AgentError::TimedOut { .. } | AgentError::NotConnected | AgentError::Gone) => {
            Ok(())
        }
        // On a busy host the shutdown may stop the helper program of the agent before it has ended by itself.
        Err(AgentError::Refused { description, .. })
            if description.contains("child process has terminated abnormally") =>
        {
            Ok(())
        }
        Err(
            ref error @ AgentError::Refused {
                ref description, ..
            },
        ) => Err(refused(error, description)),
        Err(error @ AgentError::UnexpectedAnswer { .. }) => Err(nonsense(&error)),
        Err(error @ (AgentError::Lacking(_) | AgentError::CommandTimedOut { .. })) => {
            Err(Stop::error(CauseKind::Harness, chain(&error)))
        }
    }
}

#[cfg(test)]
mod tests {
    use reports::Verdict;

    use super::*;

    fn answer(description: &str) -> Result<(), Stop> {
        ask_guest(Err(AgentError::Refused {
            command: "guest-shutdown".to_owned(),
            description: description.to_owned(),
        }))
    }

    #[test]
    fn a_guest_that_stops_the_program_which_restarts_it_has_not_refused() {
        let scheduled = "child process has terminated abnormally: Reboot scheduled for Thu 2026-11-26 10:44:02 UTC";
        assert!(answer(scheduled).is_ok());
        let verdict = |description| answer(description).unwrap_err().verdict();
        assert_eq!(
            verdict("child process has failed to shutdown: status 1"),
            Verdict::Failed
        );
        assert_eq!(
            verdict("Command guest-shutdown has been disabled"),
            Verdict::Error
        );
    }
}

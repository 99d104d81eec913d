//! `run`: a command in the guest, through its agent. See [`run_serial`](super::run_serial) for the serial line.

use std::time::Duration;
use tokio::time::Instant;

use reports::CauseKind;
use scenarios::{Run, Text};
use vm::{AgentError, GuestCommand, GuestOutput, LeftRunning};

use crate::engine::bench::Bench;
use crate::engine::session::Wake;
use crate::engine::step_output::StepOutput;
use crate::engine::steps::answer::{self, command_result, unanswered};
use crate::engine::steps::shell_command::{ShellAnswer, ShellCommand};
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::failure::chain;

/// The time that a guest may take to stop its services before its machine restarts: systemd's `DefaultTimeoutStopSec=`.
const STOP_OF_SERVICES: Duration = Duration::from_secs(90);

impl Bench<'_> {
    /// Runs a command through the guest's agent.
    pub(super) async fn run_by_agent(
        &mut self,
        shell: &ShellCommand<'_>,
        wait: &Wait,
    ) -> Result<ShellAnswer, Stop> {
        self.wait_for_agent(wait).await?;
        let mut command = GuestCommand::relayed(shell.line);
        command.user = shell.user.map(|user| user.reveal().to_owned());
        command.stdin = shell.stdin.to_vec();
        // At least a second for the command itself, even if the agent was slow to connect.
        let moment = Instant::now() + Duration::from_secs(1);
        let left = || {
            wait.remaining()
                .max(moment.saturating_duration_since(Instant::now()))
        };
        command.timeout = wait.remaining();
        let session = self.session()?;
        let agent = session.machine().agent().clone();
        session.begin_action();
        let began = Instant::now();
        let answer = session.during(agent.exec_while(&command, left)).await?;
        match answer {
            Ok(output) => Ok(ShellAnswer::Ended(output)),
            Err(error) if self.took_the_guest_away(&error, began, wait).await? => {
                Ok(ShellAnswer::WentAway)
            }
            Err(error) => Err(self.agent_stop(error, shell, wait).await),
        }
    }

    /// Returns whether a command got no answer because of an expected restart or power-off. If that is still to come,
    /// waits for it.
    async fn took_the_guest_away(
        &mut self,
        error: &AgentError,
        began: Instant,
        wait: &Wait,
    ) -> Result<bool, Stop> {
        let is_lost = match error {
            AgentError::Gone
            | AgentError::NotConnected
            | AgentError::TimedOut { .. }
            // An agent that was restarted does not know the command of the one before.
            | AgentError::Refused { .. } => true,
            AgentError::Lacking(_)
            | AgentError::CommandTimedOut { .. }
            | AgentError::UnexpectedAnswer { .. } => false,
        };
        if !is_lost {
            return Ok(false);
        }
        loop {
            let session = self.session()?;
            if session.ledger().went_down_since(began) {
                return Ok(true);
            }
            if wait.is_over() || !session.ledger().expects_end() {
                return Ok(false);
            }
            session.wake(Some(wait.deadline())).await?;
        }
    }

    /// Waits until the guest's agent is connected.
    pub(super) async fn wait_for_agent(&mut self, wait: &Wait) -> Result<(), Stop> {
        loop {
            let session = self.session()?;
            if session.machine().agent().is_connected() {
                return Ok(());
            }
            if wait.is_over() {
                return Err(Stop::failed(
                    CauseKind::Deadline,
                    format!("no guest agent was connected within {}", wait.words()),
                )
                .hint(
                    "this step needs qemu-guest-agent in the image, and `agent: true` in the machine; `run`, `put` and \
                    `get` can use a shell on the serial line instead, with `over: serial`",
                ));
            }
            let wake = session.wake(Some(wait.deadline())).await?;
            debug_assert!(matches!(
                wake,
                Wake::Agent
                    | Wake::Frame
                    | Wake::Serial
                    | Wake::Deadline
                    | Wake::Reset
                    | Wake::Shutdown
                    | Wake::Watched
            ));
        }
    }

    /// Turns the failure of the agent into the reason for the step.
    async fn agent_stop(
        &mut self,
        error: AgentError,
        shell: &ShellCommand<'_>,
        wait: &Wait,
    ) -> Stop {
        let stop = match &error {
            AgentError::CommandTimedOut { output, left, .. } => {
                still_ran(shell, wait, output.as_deref(), left)
            }
            AgentError::Lacking(_) => Stop::missing(chain(&error)),
            AgentError::Gone => Stop::error(CauseKind::MachineExited, chain(&error)),
            AgentError::NotConnected | AgentError::TimedOut { .. } => Stop::failed(
                CauseKind::Deadline,
                // Not the error's own message: it may contain the command line, which may have secrets.
                "the guest agent does not answer any more",
            )
            .hint("the guest may hang: look at the last frame and at the serial console"),
            AgentError::Refused { description, .. } => refused(&error, description),
            AgentError::UnexpectedAnswer { .. } => nonsense(&error),
        };
        match error {
            AgentError::NotConnected => self.reason_of_a_lost_agent(stop, wait).await,
            // An agent usually goes because its machine ends. That is the reason then, and its event may come soon.
            AgentError::Gone | AgentError::TimedOut { .. } => match self.session() {
                Ok(session) => session.explain(stop).await,
                Err(_) => stop,
            },
            AgentError::Lacking(_)
            | AgentError::CommandTimedOut { .. }
            | AgentError::Refused { .. }
            | AgentError::UnexpectedAnswer { .. } => stop,
        }
    }

    /// Returns why the agent has gone: a guest that restarts or powers off stops its services first, and its machine
    /// follows later. Returns `otherwise` if the agent comes back, or if nothing follows.
    async fn reason_of_a_lost_agent(&mut self, otherwise: Stop, wait: &Wait) -> Stop {
        let wait = wait.at_most(STOP_OF_SERVICES);
        loop {
            let Ok(session) = self.session() else {
                return otherwise;
            };
            if wait.is_over() || session.machine().agent().is_connected() {
                return session.explain(otherwise).await;
            }
            if let Err(stop) = session.wake(Some(wait.deadline())).await {
                return stop;
            }
        }
    }
}

/// Judges the result of a command. Returns the output of the step, with the value that it saves.
pub(super) fn take_answer(run: &Run, answer: &ShellAnswer) -> Result<StepOutput, Stop> {
    let output = match answer {
        ShellAnswer::Ended(output) => output,
        ShellAnswer::WentAway if run.output.is_some() || run.save.is_some() => {
            return Err(ShellCommand::of(run).lost_answer().hint(
                "`output` and `save` need an answer: run the command in a step before the restart or after it",
            ));
        }
        ShellAnswer::WentAway => {
            return Ok(StepOutput {
                command: Some(unanswered(&ShellCommand::of(run))),
                ..StepOutput::default()
            });
        }
    };
    let fit = answer::judge(run, output)?;
    let saved = run.save.clone().zip(fit.saved.map(Text::open));
    Ok(StepOutput {
        command: Some(fit.result),
        saved,
        ..StepOutput::default()
    })
}

/// Returns the failure of a command that was ended at its deadline.
fn still_ran(
    shell: &ShellCommand<'_>,
    wait: &Wait,
    output: Option<&GuestOutput>,
    left: &LeftRunning,
) -> Stop {
    let message = format!("`{}` still ran after {}", shell.name, wait.words());
    let stop = Stop::failed(CauseKind::Deadline, message).hint(match left {
        LeftRunning::Unknown => {
            "it was asked to end; the guest did not report whether it did".to_owned()
        }
        LeftRunning::Processes(processes) if processes.is_empty() => {
            "it was ended, and nothing of it is left in the guest".to_owned()
        }
        LeftRunning::Processes(processes) => format!(
            "it was ended; these processes of it are left in the guest: {}",
            processes.join(", ")
        ),
    });
    let mut result =
        output.map_or_else(|| unanswered(shell), |output| command_result(shell, output));
    // The exit status is left out, because `qa` itself ended the command.
    result.exit = None;
    stop.with_command(result)
}

/// Returns the failure for an answer of the agent that makes no sense. It blames the guest, because the agent is a part
/// of the image and its channel does not change data.
pub(super) fn nonsense(error: &AgentError) -> Stop {
    Stop::failed(CauseKind::Command, chain(error))
        .hint("the agent is a program of the image: look at its version and its log in the guest")
}

/// Returns the reason for an agent that refused a command. A setting that forbids commands is an error of the scenario;
/// any other refusal is a failure of the guest.
pub(super) fn refused(error: &AgentError, description: &str) -> Stop {
    let forbidden = ["has been disabled", "has not been found", "is not allowed"]
        .iter()
        .any(|words| description.contains(words));
    match forbidden {
        true => Stop::error(CauseKind::Scenario, chain(error)).hint(
            "let the image's agent run commands (its option `allow-rpcs`), or write `over: serial`",
        ),
        false => Stop::failed(CauseKind::Command, chain(error)),
    }
}

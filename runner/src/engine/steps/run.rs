//! `run`: a command in the guest, by its agent or over the serial line.

use std::time::Duration;
use tokio::time::Instant;

use reports::CauseKind;
use scenarios::{Over, Run, Text};
use vm::{AgentError, GuestCommand, GuestOutput, LeftRunning};

use crate::engine::attempt::Attempt;
use crate::engine::evidence::Held;
use crate::engine::session::Wake;
use crate::engine::steps::answer::{self, command_result, unanswered};
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::failure::chain;

impl Attempt<'_> {
    pub(super) async fn run_command(&mut self, run: &Run, wait: &Wait) -> Result<Held, Stop> {
        let by_agent = match run.over {
            Some(Over::Serial) => false,
            Some(Over::Agent) => true,
            None => self.job.machine.agent,
        };
        if !by_agent {
            return self.run_over_serial(run, wait).await;
        }
        self.wait_for_agent(wait).await?;
        let mut command = GuestCommand::relayed(run.command.reveal());
        command.user = run.user.as_ref().map(|user| user.reveal().to_owned());
        if let Some(stdin) = &run.stdin {
            command.stdin = stdin.reveal().as_bytes().to_vec();
        }
        // At least a moment, so that a command after a slow agent gets its chance.
        let moment = Instant::now() + Duration::from_secs(1);
        let left = || {
            wait.remaining()
                .max(moment.saturating_duration_since(Instant::now()))
        };
        command.timeout = wait.remaining();
        let session = self.session()?;
        let agent = session.machine().agent().clone();
        session.begin_deed();
        let began = Instant::now();
        let answer = session.during(agent.exec_while(&command, left)).await?;
        let output = match answer {
            Ok(output) => output,
            Err(error) if self.took_the_guest_away(&error, began, wait).await? => {
                if run.output.is_some() || run.save.is_some() {
                    return Err(lost_answer(run));
                }
                return Ok(Held {
                    command: Some(unanswered(run)),
                    ..Held::default()
                });
            }
            Err(error) => return Err(self.agent_stop(error, run, wait).await),
        };
        self.take_answer(run, &output)
    }

    /// Judges what a command came to, and keeps what the step saves of it.
    pub(super) fn take_answer(&mut self, run: &Run, output: &GuestOutput) -> Result<Held, Stop> {
        let fit = answer::judge(run, output)?;
        if let (Some(name), Some(saved)) = (&run.save, fit.saved) {
            self.keep_value(name, Text::open(saved))?;
        }
        Ok(Held {
            command: Some(fit.result),
            ..Held::default()
        })
    }

    /// Returns whether a command got no answer because the guest restarted or powered off meanwhile, as a step says:
    /// what it ended with is not to be known then. Where that is still to come, it is awaited.
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
            // An agent that was started anew does not know the command of the one before.
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
            if session.ledger().went_away_since(began) {
                return Ok(true);
            }
            if wait.is_over() || !session.ledger().foresees_an_end() {
                return Ok(false);
            }
            session.wake(Some(wait.deadline())).await?;
        }
    }

    /// Waits until the guest's agent is there.
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
                    "`run` needs qemu-guest-agent in the image, and `agent: true` in the machine; or a shell on the \
                    serial line, with `over: serial`",
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

    async fn agent_stop(&mut self, error: AgentError, run: &Run, wait: &Wait) -> Stop {
        let stop = match &error {
            AgentError::CommandTimedOut { output, left, .. } => {
                still_ran(run, wait, output.as_deref(), left)
            }
            AgentError::Lacking(_) => Stop::missing(chain(&error)),
            AgentError::Gone => Stop::error(CauseKind::MachineExited, chain(&error)),
            AgentError::NotConnected | AgentError::TimedOut { .. } => Stop::failed(
                CauseKind::Deadline,
                // The agent's own sentence names its protocol's command, which may hold the command line.
                "the guest agent does not answer any more",
            )
            .hint("the guest may hang; the last frame and the serial console show how far it came"),
            AgentError::Refused { description, .. } => refused(&error, description),
            AgentError::UnexpectedAnswer { .. } => nonsense(&error),
        };
        match error {
            // An agent goes because its machine does, as a rule: then that is the reason, and its event
            // may still be on its way.
            AgentError::Gone | AgentError::NotConnected | AgentError::TimedOut { .. } => {
                match self.session() {
                    Ok(session) => session.explain(stop).await,
                    Err(_) => stop,
                }
            }
            AgentError::Lacking(_)
            | AgentError::CommandTimedOut { .. }
            | AgentError::Refused { .. }
            | AgentError::UnexpectedAnswer { .. } => stop,
        }
    }
}

/// A command that was ended at its deadline.
fn still_ran(run: &Run, wait: &Wait, output: Option<&GuestOutput>, left: &LeftRunning) -> Stop {
    let message = format!("`{}` still ran after {}", run.command, wait.words());
    let stop = Stop::failed(CauseKind::Deadline, message).hint(match left {
        LeftRunning::Unknown => {
            "it was told to end; the guest did not say whether it has".to_owned()
        }
        LeftRunning::Processes(processes) if processes.is_empty() => {
            "it was ended, and nothing of it is left in the guest".to_owned()
        }
        LeftRunning::Processes(processes) => format!(
            "it was ended; these processes of it are left in the guest: {}",
            processes.join(", ")
        ),
    });
    let mut result = output.map_or_else(|| unanswered(run), |output| command_result(run, output));
    // How it ended is our doing.
    result.exit = None;
    stop.with_command(result)
}

/// The agent is a part of the image. Its line carries what it wrote, byte for byte.
pub(super) fn nonsense(error: &AgentError) -> Stop {
    Stop::failed(CauseKind::Command, chain(error))
        .hint("the agent is a program of the image: look at its version and its log in the guest")
}

/// An agent that does not run commands. What its settings forbid is no fault of the system; what it could not do is.
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

/// Returns the error of a step whose answer was never heard.
fn lost_answer(run: &Run) -> Stop {
    let command = &run.command;
    Stop::failed(
        CauseKind::Command,
        format!("the guest restarted or powered off before `{command}` had answered"),
    )
    .hint("`output` and `save` need an answer: a step before the restart gets one, or one after it")
    .with_command(unanswered(run))
}

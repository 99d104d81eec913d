//! `run`: a command in the guest, by its agent.

use std::time::{Duration, Instant};

use reports::{CauseKind, CommandResult};
use scenarios::{Exit, Run, Text};
use vm::{AgentError, GuestCommand, GuestExit, GuestOutput};

use crate::engine::attempt::Attempt;
use crate::engine::evidence::Held;
use crate::engine::session::Wake;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::failure::chain;

/// What a report shows of a command's output.
const MOST_OUTPUT: usize = 16 << 10;

impl Attempt<'_> {
    pub(super) async fn run_command(&mut self, run: &Run, wait: &Wait) -> Result<Held, Stop> {
        self.wait_for_agent(wait).await?;
        let mut command = GuestCommand::shell(run.command.reveal());
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
        let result = command_result(run, &output);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let wrong = match (run.exit, output.exit) {
            (Exit::Any, _) => None,
            (Exit::Status(want), GuestExit::Code(code)) if code == i64::from(want) => None,
            (Exit::Status(want), GuestExit::Code(code)) => Some(format!(
                "`{}` ended with status {code}, not {want}",
                run.command
            )),
            (Exit::Status(_), GuestExit::Signal(signal)) => {
                Some(format!("`{}` was ended by signal {signal}", run.command))
            }
        };
        let wrong = wrong.or_else(|| {
            let pattern = run.output.as_ref()?;
            (!pattern.regex().is_match(&text)).then(|| {
                format!(
                    "the output of `{}` does not match `{}`",
                    run.command,
                    pattern.as_str()
                )
            })
        });
        if let Some(message) = wrong {
            return Err(Stop::failed(CauseKind::Command, message).with_command(result));
        }
        if let Some(name) = &run.save {
            self.vars.set(
                name.clone(),
                Text::open(text.trim_end_matches(['\n', '\r'])),
            );
        }
        Ok(Held {
            command: Some(result),
            ..Held::default()
        })
    }

    /// Whether a command got no answer because the guest restarted or powered off meanwhile, as a step says: what it ended with is not to be known
    /// then. Where that is still to come, it is awaited.
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
            AgentError::NoChannel
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
                    "`run` needs qemu-guest-agent in the image, and `agent: true` in the machine",
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
            AgentError::CommandTimedOut { .. } => Stop::failed(
                CauseKind::Deadline,
                format!("`{}` still ran after {}", run.command, wait.words()),
            ),
            AgentError::NoChannel => Stop::missing(chain(&error)),
            AgentError::Gone => Stop::error(CauseKind::MachineExited, chain(&error)),
            AgentError::NotConnected | AgentError::TimedOut { .. } => Stop::failed(
                CauseKind::Deadline,
                // The agent's own sentence names its protocol's command, which may hold the command line.
                "the guest agent does not answer any more",
            )
            .hint("the guest may hang; the last frame and the serial console show how far it came"),
            AgentError::Refused { .. } | AgentError::UnexpectedAnswer { .. } => {
                Stop::error(CauseKind::Harness, chain(&error))
            }
        };
        match error {
            // An agent goes because its machine does, as a rule: then that is the reason, and its event may still be on its way.
            AgentError::Gone | AgentError::NotConnected | AgentError::TimedOut { .. } => {
                match self.session() {
                    Ok(session) => session.explain(stop).await,
                    Err(_) => stop,
                }
            }
            AgentError::NoChannel
            | AgentError::CommandTimedOut { .. }
            | AgentError::Refused { .. }
            | AgentError::UnexpectedAnswer { .. } => stop,
        }
    }
}

/// What the step goes by was never heard.
fn lost_answer(run: &Run) -> Stop {
    let command = &run.command;
    Stop::failed(
        CauseKind::Command,
        format!("the guest restarted or powered off before `{command}` had answered"),
    )
    .hint("`output` and `save` need an answer: a step before the restart gets one, or one after it")
    .with_command(unanswered(run))
}

/// A command of which nobody knows how it ended.
fn unanswered(run: &Run) -> CommandResult {
    CommandResult {
        command: run.command.shown().to_owned(),
        user: run.user.as_ref().map(|user| user.shown().to_owned()),
        exit: None,
        stdout: String::new(),
        stderr: String::new(),
    }
}

fn command_result(run: &Run, output: &GuestOutput) -> CommandResult {
    CommandResult {
        command: run.command.shown().to_owned(),
        user: run.user.as_ref().map(|user| user.shown().to_owned()),
        exit: match output.exit {
            GuestExit::Code(code) => Some(code),
            GuestExit::Signal(_) => None,
        },
        stdout: shown_output(&output.stdout),
        stderr: shown_output(&output.stderr),
    }
}

/// The end of an output, which says most.
fn shown_output(bytes: &[u8]) -> String {
    if bytes.len() <= MOST_OUTPUT {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let tail = &bytes[bytes.len() - MOST_OUTPUT..];
    format!(
        "(the first {} bytes are left out)\n{}",
        bytes.len() - tail.len(),
        String::from_utf8_lossy(tail)
    )
}

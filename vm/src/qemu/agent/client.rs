//! The client of the QEMU guest agent.

use std::{
    io,
    os::unix::net::UnixStream as StdUnixStream,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use qapi::qga;
use serde_json::Value;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep},
};

use super::channel::{Channel, Order, Reply, Request};
use crate::agent::{
    AgentError, Call, GuestCommand, GuestExit, GuestOutput, LeftRunning, Output, Relay,
    ShutdownMode,
};

/// The longest time for an answer of the agent. It answers in milliseconds; seconds are for guests that swap or are
/// emulated.
pub(super) const ANSWER: Duration = Duration::from_secs(30);

/// The shortest limit for an answer, however little of a command's time is left.
const SHORTEST: Duration = Duration::from_secs(1);

/// The time between the first two looks at a running command, and between two looks at one that has run for long.
const FIRST_LOOK: Duration = Duration::from_millis(20);
const LATE_LOOK: Duration = Duration::from_secs(1);

/// The longest time that a command may take to end after it was told to, including the agent's report.
const LAST_WORD: Duration = Duration::from_secs(10);

/// Ends a process and everything it started, children first.
const END_TREE: &str = "end() { for child in $(cat /proc/$1/task/*/children 2>/dev/null); do end $child; done; \
                        kill -TERM $1; }; end";

/// The agent in the guest of a QEMU. Cheap to clone; commands of all clones share one channel.
#[derive(Debug, Clone)]
pub(crate) struct GuestAgent {
    requests: mpsc::Sender<Order>,
}

impl GuestAgent {
    /// Takes our end of the channel. `connected` tells whether an agent has opened the other end, and closes with the
    /// machine.
    pub(crate) fn start(
        socket: StdUnixStream,
        connected: watch::Receiver<bool>,
    ) -> io::Result<Self> {
        let requests = Channel::start(socket, connected)?;
        Ok(Self { requests })
    }

    /// Asks the agent for a sign of life.
    ///
    /// # Errors
    /// See [`AgentError`].
    pub(crate) async fn ping(&self, limit: Duration) -> Result<(), AgentError> {
        self.call(qga::guest_ping {}, limit).await.map(drop)
    }

    /// See [`Agent::exec_while`](crate::Agent::exec_while).
    pub(crate) async fn exec_while(
        &self,
        command: &GuestCommand,
        left: impl Fn() -> Duration,
    ) -> Result<GuestOutput, AgentError> {
        let limit = || ANSWER.min(left()).max(SHORTEST);
        let relay = command.relay();
        let call = match (&relay, command.script()) {
            (Some(relay), Some(line)) => Some(relay.call(line, command.user.as_deref())),
            (_, _) => command.as_run(),
        };
        let Some(call) = call else {
            return Err(AgentError::Refused {
                command: "guest-exec".to_owned(),
                description: "the command is empty".to_owned(),
            });
        };
        let pid = self.start_program(call, &command.stdin, limit()).await?;
        let read = |output| match &relay {
            Some(relay) => relay.read(output),
            None => output,
        };
        let mut pause = FIRST_LOOK;
        loop {
            let look = qga::guest_exec_status { pid };
            let limit = limit();
            let answer = self.call(look, limit).await;
            let left = left();
            match answer {
                Ok(status) if status.exited => return output(status).map(read),
                Ok(_) => {}
                // The limit has moved since: the agent had less than its full time to answer.
                Err(AgentError::TimedOut { .. }) if limit < ANSWER && !left.is_zero() => continue,
                Err(error) => return Err(error),
            }
            if left.is_zero() {
                let (left, output) = match &relay {
                    Some(relay) => self.end_relayed(relay, pid).await,
                    None => {
                        self.end_tree(pid).await;
                        (LeftRunning::Unknown, None)
                    }
                };
                return Err(AgentError::CommandTimedOut {
                    command: command.first_line(),
                    limit: command.timeout,
                    output: output.map(|output| Box::new(read(output))),
                    left,
                });
            }
            sleep(pause.min(left)).await;
            pause = (pause * 3 / 2).min(LATE_LOOK);
        }
    }

    /// Starts a program. Returns the agent's number of it.
    async fn start_program(
        &self,
        (path, arguments): Call,
        stdin: &[u8],
        limit: Duration,
    ) -> Result<i64, AgentError> {
        let start = qga::guest_exec {
            path,
            arg: Some(arguments),
            env: None,
            input_data: (!stdin.is_empty()).then(|| stdin.to_vec()),
            capture_output: Some(qga::GuestExecCaptureOutput::flag(true)),
        };
        self.call(start, limit).await.map(|started| started.pid)
    }

    /// Ends a command behind a relay. Returns the processes that are left, and its output until then. The caller has an
    /// error already, which a failure here must not replace.
    async fn end_relayed(&self, relay: &Relay, pid: i64) -> (LeftRunning, Option<GuestOutput>) {
        let left = match self.start_program(relay.end(pid), &[], LAST_WORD).await {
            Ok(ending) => self.last_word(ending).await,
            Err(_) => return (LeftRunning::Unknown, None),
        };
        let left = left.map_or(LeftRunning::Unknown, |output| {
            let text = String::from_utf8_lossy(output.stdout.kept()).into_owned();
            LeftRunning::Processes(text.lines().map(str::to_owned).collect())
        });
        (left, self.last_word(pid).await)
    }

    /// Returns the output of a process that is about to end.
    async fn last_word(&self, pid: i64) -> Option<GuestOutput> {
        let end = Instant::now() + LAST_WORD;
        loop {
            let look = qga::guest_exec_status { pid };
            let status = self.call(look, LAST_WORD).await.ok()?;
            if status.exited {
                return output(status).ok();
            }
            if Instant::now() >= end {
                return None;
            }
            sleep(FIRST_LOOK * 10).await;
        }
    }

    /// Tells a process in the guest and its children to end. The caller has an error already, which a failure here must
    /// not replace.
    async fn end_tree(&self, pid: i64) {
        let shell = GuestCommand::shell(format!("{END_TREE} {pid}"));
        if let Some((path, arguments)) = shell.as_run() {
            let start = qga::guest_exec {
                path,
                arg: Some(arguments),
                env: None,
                input_data: None,
                capture_output: None,
            };
            let _ = self.call(start, SHORTEST).await;
        }
    }

    /// Sets the guest's clock.
    ///
    /// # Errors
    /// See [`AgentError`].
    pub(crate) async fn set_time(&self, now: SystemTime) -> Result<(), AgentError> {
        // A clock before 1970 or after 2262 cannot be set: the agent refuses the ends of the range.
        let nanoseconds = match now.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
            Err(before) => {
                i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |nanos| -nanos)
            }
        };
        let set = qga::guest_set_time {
            time: Some(nanoseconds),
        };
        self.call(set, ANSWER).await.map(drop)
    }

    /// Returns the time of the guest's clock.
    ///
    /// # Errors
    /// See [`AgentError`].
    pub(crate) async fn time(&self) -> Result<SystemTime, AgentError> {
        let nanoseconds = self.call(qga::guest_get_time {}, ANSWER).await?;
        let since = Duration::from_nanos(nanoseconds.unsigned_abs());
        Ok(if nanoseconds < 0 {
            UNIX_EPOCH - since
        } else {
            UNIX_EPOCH + since
        })
    }

    /// Asks the guest to power off or restart. The guest does so after the call.
    ///
    /// # Errors
    /// See [`AgentError`].
    pub(crate) async fn shutdown(&self, mode: ShutdownMode) -> Result<(), AgentError> {
        let mode = match mode {
            ShutdownMode::PowerOff => qga::GuestShutdownMode::Powerdown,
            ShutdownMode::Reboot => qga::GuestShutdownMode::Reboot,
        };
        let shutdown = qga::guest_shutdown { mode: Some(mode) };
        self.ask(shutdown, Reply::Silence, ANSWER).await.map(drop)
    }

    /// Sends a command, and reads its answer, which must come within `limit`.
    pub(super) async fn call<C: qapi::Command>(
        &self,
        command: C,
        limit: Duration,
    ) -> Result<C::Ok, AgentError> {
        let answer = self.ask(command, Reply::Value, limit).await?;
        serde_json::from_value(answer).map_err(|error| AgentError::UnexpectedAnswer {
            command: C::NAME.to_owned(),
            reason: error.to_string(),
        })
    }

    async fn ask<C: qapi::Command>(
        &self,
        command: C,
        reply: Reply,
        limit: Duration,
    ) -> Result<Value, AgentError> {
        let arguments =
            serde_json::to_value(&command).map_err(|error| AgentError::UnexpectedAnswer {
                command: C::NAME.to_owned(),
                reason: format!("the command cannot be written as JSON: {error}"),
            })?;
        let (answer, answered) = oneshot::channel();
        let request = Request {
            command: C::NAME,
            arguments,
            reply,
            limit,
        };
        self.requests
            .send((request, answer))
            .await
            .map_err(|_| AgentError::Gone)?;
        answered.await.map_err(|_| AgentError::Gone)?
    }
}

fn output(status: qga::GuestExecStatus) -> Result<GuestOutput, AgentError> {
    let exit = match (status.signal, status.exitcode) {
        (Some(signal), _) => GuestExit::Signal(signal),
        (None, Some(code)) => GuestExit::Code(code),
        (None, None) => {
            return Err(AgentError::UnexpectedAnswer {
                command: "guest-exec-status".to_owned(),
                reason: "the command has ended, with neither `exitcode` nor `signal`".to_owned(),
            });
        }
    };
    Ok(GuestOutput {
        exit,
        stdout: stream(status.out_data, status.out_truncated),
        stderr: stream(status.err_data, status.err_truncated),
    })
}

/// The agent keeps the beginning.
fn stream(bytes: Option<Vec<u8>>, truncated: Option<bool>) -> Output {
    let bytes = bytes.unwrap_or_default();
    match truncated {
        Some(true) => Output::cut(bytes, None, Vec::new()),
        Some(false) | None => Output::whole(bytes),
    }
}

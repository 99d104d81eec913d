//! The channel to the guest agent.

use std::{io, os::unix::net::UnixStream as StdUnixStream, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt,
    net::UnixStream,
    sync::{mpsc, oneshot, watch},
};

use super::incoming::Incoming;
use crate::{agent::AgentError, own_gaps};

/// The byte that ends what the agent has half read, and that precedes its answer to `guest-sync-delimited`. No JSON has
/// this byte.
const SENTINEL: u8 = 0xFF;

/// A command for the agent.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) command: &'static str,
    pub(super) arguments: Value,
    pub(super) reply: Reply,
    pub(super) limit: Duration,
}

/// A command, and the place for its answer. The place is closed when the caller has gone. Then the channel is
/// synchronized before the next command.
pub(super) type Order = (Request, oneshot::Sender<Result<Value, AgentError>>);

/// The answer to a command that succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reply {
    /// A value.
    Value,
    /// No answer. A ping follows the command, and its answer proves that no refusal came. Or the channel closes,
    /// because the guest ends.
    Silence,
}

/// The task that owns the channel and executes one command after the other.
///
/// The agent's answers carry no number. After anything that may have left an answer on the way (a limit, a caller that
/// left, another agent, unexpected bytes), `guest-sync-delimited` comes first. Its answer is recognized by a number of
/// ours.
///
/// ```text
///           .--- in step ---- command ----> answer in time ---.
///           v                                                 |
///        in step <------------------- sync answered           |
///           |                               ^                 |
///           '- limit, dropped, closed, stale bytes -> out of step
/// ```
#[derive(Debug)]
pub(super) struct Channel {
    stream: UnixStream,
    incoming: Incoming,
    connected: watch::Receiver<bool>,
    in_step: bool,
    /// True if the command was handed over, as far as that can be known.
    sent: bool,
    syncs: u64,
}

#[derive(Debug, Deserialize)]
struct Answer {
    // Some(Null) for `"return": null`.
    #[serde(rename = "return", default, deserialize_with = "present")]
    value: Option<Value>,
    error: Option<Refusal>,
}

#[derive(Debug, Deserialize)]
struct Refusal {
    #[serde(default)]
    desc: String,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Channel {
    /// Starts the task. It ends when every handle is dropped.
    pub(super) fn start(
        socket: StdUnixStream,
        connected: watch::Receiver<bool>,
    ) -> io::Result<mpsc::Sender<Order>> {
        socket.set_nonblocking(true)?;
        let channel = Self {
            stream: UnixStream::from_std(socket)?,
            incoming: Incoming::default(),
            connected,
            in_step: false,
            sent: false,
            syncs: 0,
        };
        let (requests, queue) = mpsc::channel(16);
        tokio::spawn(channel.run(queue));
        Ok(requests)
    }

    async fn run(mut self, mut queue: mpsc::Receiver<Order>) {
        while let Some((request, mut answer)) = queue.recv().await {
            let mut connected = self.connected.clone();
            self.sent = false;
            let result = tokio::select! {
                biased;
                () = answer.closed() => continue,
                error = disconnected(&mut connected) => match (request.reply, self.sent) {
                    (Reply::Silence, true) => Ok(Value::Null),
                    (Reply::Silence, false) | (Reply::Value, _) => Err(error),
                },
                result = own_gaps::within(request.limit, self.converse(&request)) => {
                    result.unwrap_or_else(|| Err(AgentError::TimedOut {
                        command: request.command.to_owned(),
                        limit: request.limit,
                    }))
                }
            };
            // The caller may have gone.
            let _ = answer.send(result);
        }
    }

    /// Sends a command and reads its answer. If it is dropped half-way, the channel is out of step, and the next call
    /// synchronizes it.
    async fn converse(&mut self, request: &Request) -> Result<Value, AgentError> {
        let in_step = std::mem::take(&mut self.in_step);
        if self.discard_stale() || !in_step {
            self.sync().await?;
        }
        let mut line = json!({"execute": request.command, "arguments": request.arguments})
            .to_string()
            .into_bytes();
        line.push(b'\n');
        if request.reply == Reply::Silence {
            line.extend_from_slice(b"{\"execute\": \"guest-ping\"}\n");
        }
        self.write(&line).await?;
        self.sent = true;
        let unexpected = |reason: String| AgentError::UnexpectedAnswer {
            command: request.command.to_owned(),
            reason,
        };
        let line = self.incoming.line(&self.stream).await?;
        let line = line.map_err(|error| unexpected(error.to_string()))?;
        let answer =
            serde_json::from_slice(&line).map_err(|error| unexpected(error.to_string()))?;
        match answer {
            Answer {
                error: Some(Refusal { desc }),
                ..
            } => {
                // Behind the refusal of a silent command, the answer to its ping is still to come.
                self.in_step = request.reply == Reply::Value;
                Err(AgentError::Refused {
                    command: request.command.to_owned(),
                    description: desc,
                })
            }
            Answer {
                value: Some(value), ..
            } => {
                self.in_step = true;
                Ok(value)
            }
            Answer { .. } => Err(unexpected("it has neither `return` nor `error`".to_owned())),
        }
    }

    /// Makes sure that the next line is the answer to the next command.
    async fn sync(&mut self) -> Result<(), AgentError> {
        self.syncs += 1;
        let id = self.syncs;
        let mut bytes = vec![SENTINEL];
        let sync = json!({"execute": "guest-sync-delimited", "arguments": {"id": id}});
        bytes.extend_from_slice(sync.to_string().as_bytes());
        bytes.push(b'\n');
        self.write(&bytes).await?;
        loop {
            self.incoming.skip_through(SENTINEL, &self.stream).await?;
            let line = self.incoming.line(&self.stream).await?;
            // Anything else is the answer to an older sync, or incomplete.
            if let Ok(line) = line
                && let Ok(Answer {
                    value: Some(value), ..
                }) = serde_json::from_slice(&line)
                && value == id
            {
                return Ok(());
            }
        }
    }

    /// Drops unexpected bytes. Returns whether there were any.
    fn discard_stale(&mut self) -> bool {
        let mut any = self.incoming.clear();
        let mut bytes = [0; 4096];
        // An agent that never stops must not keep this from ending. The sync skips the rest.
        for _ in 0..256 {
            let Ok(1..) = self.stream.try_read(&mut bytes) else {
                break;
            };
            any = true;
        }
        any
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), AgentError> {
        self.stream
            .write_all(bytes)
            .await
            .map_err(|_| AgentError::Gone)
    }
}

/// Waits until no agent has the channel open.
async fn disconnected(connected: &mut watch::Receiver<bool>) -> AgentError {
    match connected.wait_for(|connected| !connected).await.map(drop) {
        // If it is closed, the machine has set it to false before.
        Ok(()) if connected.has_changed().is_err() => AgentError::Gone,
        Ok(()) => AgentError::NotConnected,
        Err(_) => AgentError::Gone,
    }
}

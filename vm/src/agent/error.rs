//! The reasons why the agent did not do something.

use std::time::Duration;

use super::GuestOutput;
use crate::machine::Lack;

/// The reason why the agent did not do something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AgentError {
    /// The machine has no channel for an agent.
    #[error(transparent)]
    Lacking(Lack),
    /// No agent runs in the guest, or not yet.
    #[error(
        "no guest agent is connected; the image needs qemu-guest-agent, and the guest must have started it"
    )]
    NotConnected,
    /// The agent did not answer in time.
    #[error("the guest agent did not answer `{command}` within {} s", limit.as_secs_f32())]
    TimedOut {
        /// The command of the agent.
        command: String,
        /// The limit.
        limit: Duration,
    },
    /// A command still ran in the guest at its time limit. It was told to end.
    #[error("`{command}` still ran in the guest after {} s", limit.as_secs_f32())]
    CommandTimedOut {
        /// The first line of the command.
        command: String,
        /// The limit.
        limit: Duration,
        /// The output until then. None if it was not received.
        output: Option<Box<GuestOutput>>,
        /// The processes of it that are left in the guest.
        left: LeftRunning,
    },
    /// The agent refused.
    #[error("the guest agent refused `{command}`: {description}")]
    Refused {
        /// The command of the agent.
        command: String,
        /// The words of the agent.
        description: String,
    },
    /// The agent's answer has an unexpected form.
    #[error("the guest agent's answer to `{command}` makes no sense: {reason}")]
    UnexpectedAnswer {
        /// The command of the agent.
        command: String,
        /// The fault.
        reason: String,
    },
    /// The machine ended.
    #[error("the machine ended before the guest agent answered")]
    Gone,
}

/// The processes that a command has left in the guest, after it was told to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeftRunning {
    /// The guest did not say.
    Unknown,
    /// These processes, each by number and name; perhaps none.
    Processes(Vec<String>),
}

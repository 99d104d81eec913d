use std::time::Duration;

use super::GuestOutput;

/// Why the agent did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AgentError {
    /// The machine has no channel for an agent.
    #[error("the machine has no agent channel; set `agent: true` in its description")]
    NoChannel,
    /// No agent runs in the guest (yet).
    #[error(
        "no guest agent is connected; the image needs qemu-guest-agent, and the guest must have started it"
    )]
    NotConnected,
    /// The agent did not answer in time.
    #[error("the guest agent did not answer `{command}` within {} s", limit.as_secs_f32())]
    TimedOut {
        /// The agent's command.
        command: String,
        /// The limit.
        limit: Duration,
    },
    /// A command still ran in the guest when its time was over. It was told to end.
    #[error("`{command}` still ran in the guest after {} s", limit.as_secs_f32())]
    CommandTimedOut {
        /// The command's first line.
        command: String,
        /// The limit.
        limit: Duration,
        /// The output that it had written; none where it did not come.
        output: Option<Box<GuestOutput>>,
        /// The rest of it in the guest.
        left: LeftRunning,
    },
    /// The agent refused.
    #[error("the guest agent refused `{command}`: {description}")]
    Refused {
        /// The agent's command.
        command: String,
        /// The agent's sentence.
        description: String,
    },
    /// The agent's answer is of another shape than expected.
    #[error("the guest agent's answer to `{command}` makes no sense: {reason}")]
    UnexpectedAnswer {
        /// The agent's command.
        command: String,
        /// What is wrong.
        reason: String,
    },
    /// The machine ended.
    #[error("the machine ended before the guest agent answered")]
    Gone,
}

/// The rest in the guest of a command that was told to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeftRunning {
    /// The guest did not say.
    Unknown,
    /// These processes, each by its number and name; perhaps none.
    Processes(Vec<String>),
}

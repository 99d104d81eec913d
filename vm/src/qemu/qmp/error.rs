//! The reasons why a QMP command has no answer.

use crate::machine::{ControlError, ControlErrorKind};

/// The reason why a command has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QmpError {
    /// QEMU refused the command.
    #[error("QEMU refused `{command}`: {description}")]
    Refused {
        /// The command.
        command: String,
        /// QEMU's error class, such as `GenericError` or `CommandNotFound`.
        class: String,
        /// The words of QEMU.
        description: String,
    },
    /// The connection ended before the answer: QEMU has ended or is being ended.
    #[error("the connection to QEMU ended before the answer to `{command}`")]
    Closed {
        /// The command.
        command: String,
    },
    /// QEMU did not answer in time.
    #[error("QEMU did not answer `{command}` within {seconds} s")]
    TimedOut {
        /// The command.
        command: String,
        /// The limit in seconds.
        seconds: u64,
    },
    /// The answer has an unexpected form.
    #[error("QEMU's answer to `{command}` makes no sense: {reason}")]
    UnexpectedAnswer {
        /// The command.
        command: String,
        /// The fault.
        reason: String,
    },
    /// The command cannot be written as JSON.
    #[error("`{command}` cannot be sent: {reason}")]
    Unsendable {
        /// The command.
        command: String,
        /// The reason.
        reason: String,
    },
}

impl From<QmpError> for ControlError {
    fn from(error: QmpError) -> Self {
        let kind = match &error {
            QmpError::Refused { .. } => ControlErrorKind::Refused,
            QmpError::Closed { .. } => ControlErrorKind::Gone,
            QmpError::TimedOut { .. } => ControlErrorKind::Silent,
            QmpError::UnexpectedAnswer { .. } | QmpError::Unsendable { .. } => {
                ControlErrorKind::NotUnderstood
            }
        };
        Self {
            kind,
            words: error.to_string(),
        }
    }
}

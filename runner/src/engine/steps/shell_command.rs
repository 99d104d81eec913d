//! A command line for the guest's shell, and the answer to it, whichever way it goes.

use reports::CauseKind;
use scenarios::{Run, Text};
use vm::GuestOutput;

use crate::engine::steps::answer::unanswered;
use crate::engine::stop::Stop;

/// A command line for the guest's shell.
#[derive(Debug, Clone, Copy)]
pub(super) struct ShellCommand<'c> {
    /// The words that name it in messages and reports. They contain no secret.
    pub(super) name: &'c str,
    /// The command line.
    pub(super) line: &'c str,
    /// The user. None: the superuser.
    pub(super) user: Option<&'c Text>,
    /// Its standard input.
    pub(super) stdin: &'c [u8],
}

/// The answer to a command.
#[derive(Debug)]
pub(super) enum ShellAnswer {
    /// It has ended.
    Ended(GuestOutput),
    /// There is none: the guest restarted or powered off, as the step expects.
    WentAway,
}

impl<'c> ShellCommand<'c> {
    /// Returns the command of a `run` step.
    pub(super) fn of(run: &'c Run) -> Self {
        let stdin = run.stdin.as_ref().map(|stdin| stdin.reveal().as_bytes());
        Self {
            name: run.command.shown(),
            line: run.command.reveal(),
            user: run.user.as_ref(),
            stdin: stdin.unwrap_or_default(),
        }
    }

    /// Returns the failure of a command whose answer was lost by a restart or power-off.
    pub(super) fn lost_answer(&self) -> Stop {
        Stop::failed(
            CauseKind::Command,
            format!(
                "the guest restarted or powered off before `{}` had answered",
                self.name
            ),
        )
        .with_command(unanswered(self))
    }
}

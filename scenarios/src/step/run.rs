use crate::{Pattern, Phase, Rendered, Text};

/// `run`: runs a shell command in the guest.
#[derive(Debug, Clone, PartialEq)]
pub struct Run<P: Phase = Rendered> {
    /// The command line, for `/bin/sh`.
    pub command: P::Of<Text>,
    /// The expected exit status.
    pub exit: Exit,
    /// What its output must match.
    pub output: Option<P::Of<Pattern>>,
    /// The variable that takes its output, without the line end at its end.
    pub save: Option<String>,
    /// The user it runs as; absent: the superuser.
    pub user: Option<P::Of<Text>>,
    /// What it reads.
    pub stdin: Option<P::Of<Text>>,
}

/// The exit status a command must end with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// This one.
    Status(i32),
    /// Any one: `exit: any`.
    Any,
}

impl Default for Exit {
    fn default() -> Self {
        Self::Status(0)
    }
}

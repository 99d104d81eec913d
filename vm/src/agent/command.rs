use std::time::Duration;

/// A command to run in the guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestCommand {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// What it reads from stdin.
    pub stdin: Vec<u8>,
    /// Environment, in addition to the agent's own.
    pub env: Vec<(String, String)>,
    /// The user it runs as; none means the agent's, which is root.
    pub user: Option<String>,
    /// How long it may run.
    pub timeout: Duration,
}

/// How a command in the guest ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuestExit {
    /// By itself, with this status.
    Code(i64),
    /// By this signal.
    Signal(i64),
}

/// What a command in the guest came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestOutput {
    /// How it ended.
    pub exit: GuestExit,
    /// What it wrote to stdout; the agent keeps up to 16 MiB.
    pub stdout: Vec<u8>,
    /// What it wrote to stderr.
    pub stderr: Vec<u8>,
    /// Whether the agent dropped output because there was too much.
    pub truncated: bool,
}

impl GuestCommand {
    /// A command line for `/bin/sh -c`, at most a minute.
    pub fn shell(line: impl Into<String>) -> Self {
        Self::argv(["/bin/sh".to_owned(), "-c".to_owned(), line.into()])
    }

    /// A program and its arguments, at most a minute.
    pub fn argv(argv: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            argv: argv.into_iter().map(Into::into).collect(),
            stdin: Vec::new(),
            env: Vec::new(),
            user: None,
            timeout: Duration::from_secs(60),
        }
    }
}

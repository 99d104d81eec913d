//! Commands to run in the guest, and their results.

use std::time::Duration;

use super::{Output, relay::Relay};

/// A command to run in the guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestCommand {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// The input of its stdin.
    pub stdin: Vec<u8>,
    /// The environment, in addition to the agent's own.
    pub env: Vec<(String, String)>,
    /// The user that runs it. None means the agent's user, which is root.
    pub user: Option<String>,
    /// The longest time that it may run.
    pub timeout: Duration,
    /// The way in which its output is collected.
    pub capture: Capture,
}

/// The way in which the output of a command is collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capture {
    /// By the agent: the beginning of the output, and only when no process has it open any more.
    ByAgent,
    /// By the relay: the beginning and the end of the output, as soon as the command's shell has ended. For command
    /// lines whose output is not known.
    ByRelay,
}

/// The end of a command in the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuestExit {
    /// It ended by itself, with this status.
    Code(i64),
    /// It was killed by this signal.
    Signal(i64),
}

/// The result of a command in the guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestOutput {
    /// The end.
    pub exit: GuestExit,
    /// The text on stdout.
    pub stdout: Output,
    /// The text on stderr.
    pub stderr: Output,
}

impl GuestCommand {
    /// Returns a command line for `/bin/sh -c` that may run for a minute.
    pub fn shell(line: impl Into<String>) -> Self {
        Self::argv(["/bin/sh".to_owned(), "-c".to_owned(), line.into()])
    }

    /// Returns a program and its arguments that may run for a minute.
    pub fn argv(argv: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            argv: argv.into_iter().map(Into::into).collect(),
            stdin: Vec::new(),
            env: Vec::new(),
            user: None,
            timeout: Duration::from_secs(60),
            capture: Capture::ByAgent,
        }
    }

    /// Returns a command line for `/bin/sh -c` that ends with its shell. The beginning and the end of its output are
    /// kept.
    pub fn relayed(line: impl Into<String>) -> Self {
        Self {
            capture: Capture::ByRelay,
            ..Self::shell(line)
        }
    }
}

impl GuestCommand {
    /// Returns program and arguments for the agent. Programs of the guest set user and environment: the agent knows no
    /// users, and an environment that it gets would replace its own. None if there is no program.
    pub(crate) fn as_run(&self) -> Option<(String, Vec<String>)> {
        if self.argv.is_empty() {
            return None;
        }
        let mut words = Vec::new();
        if let Some(user) = &self.user {
            words.extend(["runuser", "-u", user, "--"].map(str::to_owned));
        }
        if !self.env.is_empty() {
            words.push("env".to_owned());
            words.extend(
                self.env
                    .iter()
                    .map(|(name, value)| format!("{name}={value}")),
            );
        }
        words.extend(self.argv.iter().cloned());
        let program = words.remove(0);
        Some((program, words))
    }

    /// Returns the relay that it must run behind.
    pub(crate) fn relay(&self) -> Option<Relay> {
        match self.capture {
            Capture::ByRelay if self.script().is_some() => Some(Relay::new()),
            Capture::ByRelay | Capture::ByAgent => None,
        }
    }

    /// Returns the command line, if it is one for the shell.
    pub(crate) fn script(&self) -> Option<&str> {
        match &self.argv[..] {
            [shell, dash_c, script] if shell == "/bin/sh" && dash_c == "-c" => Some(script),
            _ => None,
        }
    }

    /// Returns its whole text: its words with a blank between.
    pub(crate) fn text(&self) -> String {
        self.argv.join(" ")
    }

    /// Returns the text that names the command in an error: the first line of its last word. For a shell that is the
    /// script.
    pub(crate) fn first_line(&self) -> String {
        let word = self
            .script()
            .map_or_else(|| self.argv.join(" "), str::to_owned);
        word.lines().next().unwrap_or_default().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_environment_are_set_in_the_guest() {
        let mut command = GuestCommand::shell("id");
        let run = |command: &GuestCommand| {
            let (program, arguments) = command.as_run().unwrap();
            format!("{program} {}", arguments.join(" "))
        };
        assert_eq!(run(&command), "/bin/sh -c id");
        command.env = vec![("LANG".to_owned(), "C".to_owned())];
        assert_eq!(run(&command), "env LANG=C /bin/sh -c id");
        command.user = Some("tester".to_owned());
        assert_eq!(
            run(&command),
            "runuser -u tester -- env LANG=C /bin/sh -c id"
        );
        assert_eq!(GuestCommand::argv([""; 0]).as_run(), None);
    }

    #[test]
    fn a_command_is_named_by_its_first_line() {
        assert_eq!(GuestCommand::shell("sleep 9\nmore").first_line(), "sleep 9");
        assert_eq!(GuestCommand::argv(["sleep", "9"]).first_line(), "sleep 9");
    }
}

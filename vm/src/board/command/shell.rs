//! The surroundings of the commands of a board, and how a line of the user is run in them.

use std::{
    collections::BTreeMap, ffi::OsStr, fmt, path::PathBuf, process::Command, time::Duration,
};

use super::{
    Ran, outcome,
    run::{RunError, run},
};
use crate::board::BoardFault;

/// The working folder and the environment variables of the commands of a board.
///
/// A command inherits the environment of this process; `variables` are added.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Shell {
    /// The working folder. None for that of this process.
    pub folder: Option<PathBuf>,
    /// More environment variables. Their values may be secret, and are in no message.
    pub variables: BTreeMap<String, String>,
}

impl fmt::Debug for Shell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.variables.keys().collect();
        let mut shown = f.debug_struct("Shell");
        shown
            .field("folder", &self.folder)
            .field("variables", &names)
            .finish()
    }
}

impl Shell {
    /// Runs a line to its end. `what` names it in messages.
    ///
    /// # Errors
    /// When it does not end within `limit`, or ends with another status than 0.
    pub(super) async fn run(&self, line: &Line<'_>) -> Result<Ran, BoardFault> {
        outcome::ended_well(self.start(line).await, line.what, line.limit)
    }

    /// Runs a line to its end, whose exit status is an answer.
    ///
    /// # Errors
    /// When it does not end within `limit`, or is not found.
    pub(super) async fn ask(&self, line: &Line<'_>) -> Result<Ran, BoardFault> {
        outcome::ended(self.start(line).await, line.what, line.limit)
    }

    async fn start(&self, line: &Line<'_>) -> Result<Ran, RunError> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", line.line]).envs(&self.variables);
        command.envs(line.variables.iter().copied());
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        run(command, line.input.clone(), line.limit).await
    }
}

/// A line that is run.
pub(super) struct Line<'a> {
    /// The words for it: "the power command `on`".
    pub(super) what: &'a str,
    /// The line.
    pub(super) line: &'a str,
    /// Environment variables of this call.
    pub(super) variables: &'a [(&'a str, &'a OsStr)],
    /// The bytes for its stdin. None if stdin is empty.
    pub(super) input: Option<Vec<u8>>,
    /// The longest time.
    pub(super) limit: Duration,
}

impl<'a> Line<'a> {
    /// Returns a line without variables and input.
    pub(super) fn new(what: &'a str, line: &'a str, limit: Duration) -> Self {
        Self {
            what,
            line,
            variables: &[],
            input: None,
            limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::FaultKind;

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_line_runs_in_its_folder_with_its_variables() {
        let folder = tempfile::tempdir().unwrap();
        let shell = Shell {
            folder: Some(folder.path().to_owned()),
            variables: BTreeMap::from([("RELAY".to_owned(), "pdu 7".to_owned())]),
        };
        let ran = shell
            .run(&Line::new("the command", "pwd; echo \"$RELAY\"", MINUTE))
            .await
            .unwrap();
        let expected = format!(
            "{}\npdu 7\n",
            folder.path().canonicalize().unwrap().display()
        );
        assert_eq!(ran.stdout.text(), expected);
        assert!(!format!("{shell:?}").contains("pdu 7"));
    }

    #[tokio::test]
    async fn each_way_to_fail_has_its_kind_and_words() {
        let rows = [
            (
                "echo relay busy >&2; exit 7",
                FaultKind::Refused,
                "the command ended with exit status 7; its last lines: relay busy",
            ),
            (
                "kill -9 $$",
                FaultKind::Refused,
                "the command ended with signal 9; it wrote nothing",
            ),
            (
                "/nowhere/relay on",
                FaultKind::Missing,
                "the command ended with exit status 127; its last lines: ",
            ),
        ];
        for (line, kind, words) in rows {
            let fault = Shell::default()
                .run(&Line::new("the command", line, MINUTE))
                .await
                .unwrap_err();
            assert_eq!(fault.kind, kind, "{fault:?}");
            assert!(fault.words.starts_with(words), "{fault:?}");
            assert!(fault.advice.is_some());
        }
    }

    #[tokio::test]
    async fn a_command_that_does_not_answer_is_ended_and_named() {
        let limit = Duration::from_millis(50);
        let line = Line::new("the command", "echo dialling; sleep 1000", limit);
        let fault = Shell::default().run(&line).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::TimedOut);
        assert!(
            fault
                .words
                .starts_with("the command had not ended after 50ms and was ended"),
            "{fault:?}"
        );
    }

    #[tokio::test]
    async fn a_missing_folder_is_told() {
        let shell = Shell {
            folder: Some("/nowhere/lab".into()),
            ..Shell::default()
        };
        let fault = shell
            .run(&Line::new("the command", "true", MINUTE))
            .await
            .unwrap_err();
        assert_eq!(fault.kind, FaultKind::Missing);
        assert!(
            fault.words.starts_with("the command could not be run"),
            "{fault:?}"
        );
    }
}

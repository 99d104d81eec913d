//! Power by commands of the user.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{
    plain,
    shell::{Line, Shell},
};
use crate::board::{BoardFault, FaultKind};

/// The time between two questions for the status.
const ASK_AGAIN: Duration = Duration::from_millis(200);

/// The commands that switch a board on and off: lines for `/bin/sh`.
///
/// With a `status` command, a switch is checked: a relay that says "done" and does nothing is a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PowerCommands {
    /// Switches the board on.
    pub on: String,
    /// Switches it off.
    pub off: String,
    /// Resets it. None if it is reset by `off`, `pause` and `on`.
    pub reset: Option<String>,
    /// Presses its power button. None if it has none.
    pub button: Option<String>,
    /// Tells if it is on: prints `on` or `off`; or prints nothing and ends with exit status 0 for on, 1 for off. None
    /// if nothing can tell.
    pub status: Option<String>,
    /// The time between off and on. The usual value is [`PowerCommands::PAUSE`].
    pub pause: Duration,
    /// The time after a switch until which the status must agree. The usual value is [`PowerCommands::SETTLE`].
    pub settle: Duration,
    /// The longest time for each command.
    pub limit: Duration,
    /// The surroundings of the commands.
    pub shell: Shell,
}

impl PowerCommands {
    /// The usual time between off and on, in which capacitors discharge.
    pub const PAUSE: Duration = Duration::from_secs(3);

    /// The usual time until which the status must agree.
    pub const SETTLE: Duration = Duration::from_secs(10);

    /// Switches the board on.
    ///
    /// # Errors
    /// When the command fails or takes too long, or the status stays off.
    pub async fn on(&self) -> Result<(), BoardFault> {
        self.run("the power command `on`", &self.on).await?;
        self.settled(true).await
    }

    /// Switches the board off.
    ///
    /// # Errors
    /// When the command fails or takes too long, or the status stays on.
    pub async fn off(&self) -> Result<(), BoardFault> {
        self.run("the power command `off`", &self.off).await?;
        self.settled(false).await
    }

    /// Resets the board: with its own command, or by switching it off and on.
    ///
    /// # Errors
    /// When a command fails or takes too long.
    pub async fn reset(&self) -> Result<(), BoardFault> {
        match &self.reset {
            Some(reset) => self.run("the power command `reset`", reset).await,
            None => self.off_and_on().await,
        }
    }

    /// Switches the board off and, after the pause, on.
    ///
    /// # Errors
    /// When a command fails or takes too long.
    pub(crate) async fn off_and_on(&self) -> Result<(), BoardFault> {
        self.off().await?;
        sleep(self.pause).await;
        self.on().await
    }

    /// Presses the power button.
    ///
    /// # Errors
    /// When there is no such command, or it fails or takes too long.
    pub async fn press_button(&self) -> Result<(), BoardFault> {
        let Some(button) = &self.button else {
            let fault = BoardFault::new(
                FaultKind::Refused,
                "the board has no command for its power button",
            );
            return Err(fault.advice("name one as `button` of the power commands"));
        };
        self.run("the power command `button`", button).await
    }

    /// Returns true if the board is on. None if there is no `status` command.
    ///
    /// # Errors
    /// When the command fails or takes too long, or its answer is not understood.
    pub async fn is_on(&self) -> Result<Option<bool>, BoardFault> {
        let Some(status) = &self.status else {
            return Ok(None);
        };
        let what = "the power command `status`";
        let ran = self.shell.ask(&Line::new(what, status, self.limit)).await?;
        let said = plain(&ran.stdout.text()).to_ascii_lowercase();
        match (said.as_str(), ran.status.code()) {
            ("on", Some(0)) | ("", Some(0)) => Ok(Some(true)),
            ("off", Some(0 | 1)) | ("", Some(1)) => Ok(Some(false)),
            (_, code) => {
                let code = code.map_or_else(
                    || "a signal".to_owned(),
                    |code| format!("exit status {code}"),
                );
                let said = super::last_lines(&said);
                let words = format!(
                    "{what} said `{said}` and ended with {code}, which says neither on nor off"
                );
                Err(BoardFault::new(FaultKind::NotUnderstood, words).advice(
                    "it must print `on` or `off`, or print nothing and end with exit status 0 or 1",
                ))
            }
        }
    }

    /// Returns the longest time of one switch, with the questions whether it has worked.
    pub(crate) fn longest_switch(&self) -> Duration {
        self.limit.saturating_mul(2).saturating_add(self.settle)
    }

    async fn run(&self, what: &str, line: &str) -> Result<(), BoardFault> {
        self.shell
            .run(&Line::new(what, line, self.limit))
            .await
            .map(drop)
    }

    /// Waits until the status agrees with the last switch.
    async fn settled(&self, on: bool) -> Result<(), BoardFault> {
        let deadline = Instant::now() + self.settle;
        loop {
            match self.is_on().await? {
                None => return Ok(()),
                Some(is_on) if is_on == on => return Ok(()),
                Some(_) if Instant::now() >= deadline => {
                    let (did, says) = if on { ("on", "off") } else { ("off", "on") };
                    let words = format!(
                        "the power command `{did}` ended well, but the power command `status` still says `{says}` \
                        after {:?}",
                        self.settle
                    );
                    return Err(BoardFault::new(FaultKind::Refused, words).advice(
                        "check the switch and its wiring: one of the two commands is wrong",
                    ));
                }
                Some(_) => sleep(ASK_AGAIN).await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn commands(folder: &Path) -> PowerCommands {
        PowerCommands {
            on: "echo on > state; echo on >> log".to_owned(),
            off: "echo off > state; echo off >> log".to_owned(),
            reset: None,
            button: Some("echo button >> log".to_owned()),
            status: Some("cat state".to_owned()),
            pause: Duration::ZERO,
            settle: Duration::ZERO,
            limit: Duration::from_secs(60),
            shell: Shell {
                folder: Some(folder.to_owned()),
                ..Shell::default()
            },
        }
    }

    fn log(folder: &Path) -> String {
        fs::read_to_string(folder.join("log")).unwrap()
    }

    #[tokio::test]
    async fn each_action_runs_its_command() {
        let folder = tempfile::tempdir().unwrap();
        let mut power = commands(folder.path());
        power.on().await.unwrap();
        assert_eq!(power.is_on().await, Ok(Some(true)));
        power.off().await.unwrap();
        assert_eq!(power.is_on().await, Ok(Some(false)));
        power.reset().await.unwrap();
        power.press_button().await.unwrap();
        assert_eq!(log(folder.path()), "on\noff\noff\non\nbutton\n");
        power.reset = Some("echo reset >> log".to_owned());
        power.reset().await.unwrap();
        assert!(log(folder.path()).ends_with("button\nreset\n"));
        power.button = None;
        assert_eq!(
            power.press_button().await.unwrap_err().kind,
            FaultKind::Refused
        );
    }

    #[tokio::test]
    async fn a_status_is_a_word_or_an_exit_status() {
        let folder = tempfile::tempdir().unwrap();
        let mut power = commands(folder.path());
        let rows = [
            ("echo ON", Some(true)),
            ("echo off", Some(false)),
            ("echo off; exit 1", Some(false)),
            ("true", Some(true)),
            ("false", Some(false)),
            ("exit 2", None),
            ("echo on; exit 1", None),
            ("echo '<html>404</html>'", None),
        ];
        for (line, expected) in rows {
            power.status = Some(line.to_owned());
            match (power.is_on().await, expected) {
                (Ok(is_on), Some(_)) => assert_eq!(is_on, expected, "{line}"),
                (Err(fault), None) => assert_eq!(fault.kind, FaultKind::NotUnderstood, "{line}"),
                (answer, _) => panic!("{line}: {answer:?}"),
            }
        }
        power.status = None;
        assert_eq!(power.is_on().await, Ok(None));
    }

    #[tokio::test]
    async fn a_switch_that_lies_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        let mut power = commands(folder.path());
        power.status = Some("echo off".to_owned());
        let fault = power.on().await.unwrap_err();
        assert_eq!(
            fault.words,
            "the power command `on` ended well, but the power command `status` still says `off` after 0ns"
        );
        assert_eq!(fault.kind, FaultKind::Refused);
    }

    #[tokio::test]
    async fn a_switch_that_takes_a_moment_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let mut power = commands(folder.path());
        power.settle = Duration::from_secs(60);
        // The second question gets the true answer.
        power.status =
            Some("if [ -e asked ]; then echo on; else touch asked; echo off; fi".to_owned());
        power.on().await.unwrap();
        assert!(folder.path().join("asked").exists());
    }

    #[tokio::test]
    async fn a_switch_that_does_not_answer_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let mut power = commands(folder.path());
        power.off = "sleep 1000".to_owned();
        power.limit = Duration::from_millis(50);
        let fault = power.off().await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::TimedOut);
        assert!(
            fault
                .words
                .starts_with("the power command `off` had not ended"),
            "{fault:?}"
        );
    }
}

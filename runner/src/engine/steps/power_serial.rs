//! `reboot` and `shutdown` of a guest that has no agent: in a shell on the serial line.

use reports::{CauseKind, CommandResult};
use scenarios::{Exit, Over, Run, Text};
use vm::Capability;

use crate::engine::bench::Bench;
use crate::engine::session::PowerRequest;
use crate::engine::shell_line::Login;
use crate::engine::step_output::StepOutput;
use crate::engine::steps::run::take_answer;
use crate::engine::steps::shell_command::ShellCommand;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

/// A command that takes the guest away. It is typed as a person types it: an answer that the guest could still send
/// would be lost with its shell.
struct Farewell {
    program: &'static str,
    request: fn(tokio::time::Instant) -> PowerRequest,
    /// The message of a missed deadline.
    late: &'static str,
}

const RESTART: Farewell = Farewell {
    program: "reboot",
    request: PowerRequest::Restart,
    late: "the guest did not restart",
};

const POWER_OFF: Farewell = Farewell {
    program: "poweroff",
    request: PowerRequest::PowerOff,
    late: "the guest did not power off",
};

/// The words after which the shell prints the status of a program that failed.
const REFUSED: &str = "qa-refused:";

impl Farewell {
    /// Returns the line to type. Its echo does not have [`REFUSED`] in it.
    fn line(&self) -> String {
        let (begin, end) = REFUSED.split_at(2);
        format!("{} || echo \"{begin}\"\"{end}\"$?\n", self.program)
    }

    /// Returns the command that tells if the guest has the program.
    fn is_there(&self) -> Run {
        Run {
            command: Text::open(format!("command -v {}", self.program)),
            exit: Exit::Status(0),
            output: None,
            save: None,
            user: None,
            stdin: None,
            over: Some(Over::Serial),
        }
    }

    /// Returns the failure that the text after the line tells; none if there is none so far.
    fn refusal(&self, text: &str) -> Option<Stop> {
        let (before, after) = text.split_once(REFUSED)?;
        let (status, _) = after.split_once(['\r', '\n'])?;
        // The echo may come twice, or not at all. Each ends as the typed line does.
        let echo = format!("{}\"$?", &REFUSED[2..]);
        let after_echo = before.rfind(&echo).map_or(0, |place| place + echo.len());
        let said = without_prompt(before[after_echo..].trim()).to_owned();
        Some(
            Stop::failed(
                CauseKind::Command,
                format!("`{}` ended with status {}", self.program, status.trim()),
            )
            .with_command(CommandResult {
                command: self.program.to_owned(),
                user: None,
                exit: status.trim().parse().ok(),
                stdout: said,
                stderr: String::new(),
                remarks: Vec::new(),
            }),
        )
    }
}

/// Leaves out a prompt before the words of a program. It stands there if the line came before the shell was ready.
fn without_prompt(said: &str) -> &str {
    match said.split_once('\n') {
        Some((first, rest)) if first.trim_end().ends_with(['#', '$', '%', '>']) => {
            rest.trim_start()
        }
        Some(_) | None => said,
    }
}

impl Bench<'_> {
    /// Returns whether the machine has none of these capabilities.
    ///
    /// # Errors
    /// There is no machine.
    pub(super) fn lacks(&mut self, ways: &[Capability]) -> Result<bool, Stop> {
        let capabilities = self.session()?.machine().capabilities().clone();
        Ok(ways.iter().all(|way| !capabilities.has(*way)))
    }

    /// Restarts the guest by its own command.
    pub(super) async fn reboot_over_serial(
        &mut self,
        login: Option<Login>,
        wait: &Wait,
    ) -> Result<StepOutput, Stop> {
        self.take_leave(&RESTART, login, wait).await
    }

    /// Powers the guest off by its own command.
    pub(super) async fn shutdown_over_serial(
        &mut self,
        login: Option<Login>,
        wait: &Wait,
    ) -> Result<StepOutput, Stop> {
        self.take_leave(&POWER_OFF, login, wait).await
    }

    /// Types the command in the shell of the serial line, and waits for its effect.
    async fn take_leave(
        &mut self,
        command: &Farewell,
        login: Option<Login>,
        wait: &Wait,
    ) -> Result<StepOutput, Stop> {
        self.session()?.check_on()?;
        self.look_of_watches().await?;
        // Logs in, and leaves the shell at its prompt.
        let is_there = command.is_there();
        let shell = ShellCommand::of(&is_there);
        let answer = self.run_over_serial(&shell, login, wait).await?;
        take_answer(&is_there, &answer)?;
        let session = self.session()?;
        let console = session.machine().serial().clone();
        session.request_power(command.request);
        match session.expects_shutdown() {
            true => {}
            false => session.machine().power().announce_restart(),
        }
        let from = console.position();
        let left = async {
            self.type_on_line(command.line().as_bytes()).await?;
            loop {
                let session = self.session()?;
                if !session.has_power_request() {
                    return Ok(StepOutput::default());
                }
                if let Some(stop) = command.refusal(&console.text_from(from)) {
                    return Err(stop);
                }
                if wait.is_over() {
                    let message = format!("{} within {}", command.late, wait.words());
                    let stop = Stop::failed(CauseKind::Deadline, message);
                    return Err(session.unless_unnoticed(stop, wait));
                }
                session.wake(Some(wait.deadline())).await?;
            }
        }
        .await;
        if let Ok(session) = self.session() {
            session.forget_power_request();
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_by_the_status_and_not_by_the_echo() {
        let echo = format!("# {}", RESTART.line().replace('\n', "\r\n"));
        assert!(RESTART.refusal(&echo).is_none(), "{echo}");
        let half = format!("{echo}must be root\r\n{REFUSED}1");
        assert!(RESTART.refusal(&half).is_none(), "the line may go on");
        let stop = RESTART
            .refusal(&format!("{half}27\r\n# "))
            .expect("a failure");
        assert_eq!(stop.cause().message, "`reboot` ended with status 127");
        let command = stop.command.expect("its output");
        assert_eq!(
            (command.stdout.as_str(), command.exit),
            ("must be root", Some(127))
        );
        let early = format!("{}# \r\nmust be root\r\n{REFUSED}1\r\n", RESTART.line());
        let command = RESTART.refusal(&early).and_then(|stop| stop.command);
        assert_eq!(command.expect("its output").stdout, "must be root");
        let twice = format!("rebo# qa\"\"-refused:\"$?\r\nmust be root\r\n{REFUSED}1\r\n");
        let command = RESTART.refusal(&twice).and_then(|stop| stop.command);
        assert_eq!(command.expect("its output").stdout, "must be root");
        let unseen = RESTART.refusal(&format!("must be root\r\n{REFUSED}1\r\n"));
        let command = unseen.and_then(|stop| stop.command).expect("its output");
        assert_eq!(command.stdout, "must be root");
    }
}

//! `run` in a shell on the serial line.

use tokio::time::Instant;

use reports::CauseKind;
use scenarios::{Machine, Vars};

use crate::engine::bench::Bench;
use crate::engine::shell_line::{LineAction, Login, Program, Talk, Trouble};
use crate::engine::steps::answer::{command_result, unanswered};
use crate::engine::steps::shell_command::{ShellAnswer, ShellCommand};
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

/// The number of bytes of earlier text on the line that are searched for a prompt.
const BEFORE: u64 = 16 << 10;

impl Bench<'_> {
    /// Runs a command in the shell of the serial line. Logs in if the guest asks for it.
    pub(super) async fn run_over_serial(
        &mut self,
        shell: &ShellCommand<'_>,
        login: Option<Login>,
        wait: &Wait,
    ) -> Result<ShellAnswer, Stop> {
        let user = shell.user.map(|user| user.reveal().to_owned());
        let user = match (user, &login) {
            (Some(user), Some(login)) if user == login.user => None,
            (Some(user), Some(login)) if login.user != "root" => {
                return Err(Stop::error(
                    CauseKind::Scenario,
                    format!(
                        "`run` over the serial line cannot run as `{user}`: `{}` logs in, and only root can run \
                        commands as another user",
                        login.user
                    ),
                )
                .hint("let root log in (`login:` in qa.yaml), or leave `user` out"));
            }
            (user, _) => user,
        };
        let program = Program::new(shell.line, user.as_deref(), shell.stdin);
        let console = self.session()?.machine().serial().clone();
        let mut talk = Talk::begin(program, login, Instant::now());
        // A prompt may be on the line already.
        let mut from = self
            .session()?
            .serial_at_reset()
            .max(console.position().saturating_sub(BEFORE));
        self.session()?.begin_action();
        let began = Instant::now();
        let answer = loop {
            if talk.has_started() && self.session()?.ledger().went_down_since(began) {
                return Ok(ShellAnswer::WentAway);
            }
            let here = console.position();
            let action = talk.next_action(&console.text_from(from), Instant::now());
            let until = match action {
                LineAction::Ask(bytes) => {
                    from = here;
                    self.type_on_line(&bytes).await?;
                    continue;
                }
                LineAction::Say(bytes) => {
                    self.type_on_line(&bytes).await?;
                    continue;
                }
                LineAction::Answer(output) => break Ok(output),
                LineAction::Trouble(trouble) => break Err(trouble),
                LineAction::Wait(until) => until,
            };
            if wait.is_over() && !talk.is_interrupted() {
                match talk.interrupt(Instant::now()) {
                    Some(bytes) => {
                        self.type_on_line(&bytes).await?;
                        continue;
                    }
                    // The answer is complete, and the guest only cleans up.
                    None if talk.has_started() => {}
                    None => {
                        let text = console.text_from(from);
                        // Ends a reader that was started and waits for more pieces.
                        if talk.has_typed() {
                            self.type_on_line(&[0x03]).await?;
                        }
                        let stop = match talk.is_sending() {
                            true => on_its_way(shell, wait),
                            false => no_shell(wait, &text),
                        };
                        return Err(self.session()?.unless_unheard(stop, wait));
                    }
                }
            }
            let until = match talk.has_started() && wait.is_over() {
                true => until,
                false => until.min(wait.deadline()),
            };
            self.session()?.wake(Some(until)).await?;
        };
        // Later `serial` steps must not match text of this dialogue.
        self.session()?.set_serial_from(console.position());
        let interrupted = talk.is_interrupted();
        match answer {
            Ok(output) if interrupted => {
                let mut result = command_result(shell, &output);
                // The exit status is left out, because `qa` itself ended the command.
                result.exit = None;
                let stop = still_runs(shell, wait)
                    .hint("it was interrupted (Control-C), and its shell has ended")
                    .with_command(result);
                Err(self.session()?.unless_unheard(stop, wait))
            }
            Ok(output) => Ok(ShellAnswer::Ended(*output)),
            Err(trouble) => {
                let stop = troubled(&trouble, shell, wait);
                Err(self.session()?.unless_unheard(stop, wait))
            }
        }
    }

    /// Sends bytes to the serial line.
    pub(super) async fn type_on_line(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let session = self.session()?;
        let console = session.machine().serial().clone();
        if session.during(console.write(bytes)).await?.is_err() {
            let otherwise =
                Stop::error(CauseKind::MachineExited, "the serial console took no input");
            return Err(session.explain(otherwise).await);
        }
        Ok(())
    }
}

/// Returns the login that the project declares; none if it declares none.
///
/// # Errors
/// The variable of the password does not exist.
pub(super) fn serial_login(machine: &Machine, vars: &Vars) -> Result<Option<Login>, Stop> {
    let Some(login) = &machine.login else {
        return Ok(None);
    };
    let password = match &login.password {
        None => None,
        Some(name) => Some(vars.text(name).ok_or_else(|| {
            Stop::error(
                CauseKind::Scenario,
                format!(
                    "`login:` takes its password from the variable `{}`, which does not exist",
                    name.value
                ),
            )
            .hint(
                "declare it in `secrets:` of qa.yaml; `password:` holds its name, not the password itself",
            )
        })?),
    };
    Ok(Some(Login {
        user: login.user.clone(),
        password: password.map(|text| text.reveal().to_owned()),
        prompt: login.prompt.as_ref().map(|prompt| prompt.regex().clone()),
    }))
}

/// Returns the failure of a command that did not end in time.
fn still_runs(shell: &ShellCommand<'_>, wait: &Wait) -> Stop {
    Stop::failed(
        CauseKind::Deadline,
        format!("`{}` still ran after {}", shell.name, wait.words()),
    )
}

/// Returns the failure of a command that was not sent as a whole in time.
fn on_its_way(shell: &ShellCommand<'_>, wait: &Wait) -> Stop {
    Stop::failed(
        CauseKind::Deadline,
        format!(
            "`{}` was still on its way over the serial line after {}",
            shell.name,
            wait.words()
        ),
    )
    .hint("the line is slow, or the guest does not read it any more; `within` gives the step more time")
}

/// Returns the failure of a line without a shell. Quotes its last line.
fn no_shell(wait: &Wait, text: &str) -> Stop {
    let last = text.trim_end().lines().last().unwrap_or_default().trim();
    let said = match last {
        "" => "it said nothing".to_owned(),
        last => format!("the last line was `{last}`"),
    };
    Stop::failed(
        CauseKind::Deadline,
        format!(
            "no shell answered on the serial line within {}; {said}",
            wait.words()
        ),
    )
    .hint(
        "a command without an agent needs a shell or a login prompt on the first serial line, with `login:` in \
        qa.yaml; or give the image qemu-guest-agent, and the machine `agent: true`",
    )
}

/// Returns the reason of a step whose dialogue with the shell failed.
fn troubled(trouble: &Trouble, shell: &ShellCommand<'_>, wait: &Wait) -> Stop {
    match trouble {
        Trouble::NoLogin => Stop::error(
            CauseKind::Scenario,
            "the serial line shows a login prompt, and the project has no `login:`",
        )
        .hint("write `login: { user: NAME, password: SECRET }` at the image or the machine in qa.yaml"),
        Trouble::LoginRefused => {
            Stop::failed(CauseKind::Command, "the login on the serial line was refused")
                .hint("check the user and the secret with the password in `login:` of qa.yaml")
        }
        Trouble::NoPlace => Stop::failed(
            CauseKind::Command,
            format!("the guest has no folder to which `{}` could write its output", shell.name),
        )
        .hint("one of /run, /dev/shm, /tmp and /var/tmp must be writable"),
        Trouble::Garbled => Stop::error(
            CauseKind::Harness,
            format!("the output of `{}` was garbled on the serial line in every transfer", shell.name),
        )
        .hint("keep other programs off the line, or let the command write less"),
        Trouble::NotEnded => still_runs(shell, wait)
            .hint("it did not end when it was interrupted (Control-C), and still runs in the guest")
            .with_command(unanswered(shell)),
    }
}

//! `run` by a shell on the serial line.

use tokio::time::Instant;

use reports::CauseKind;
use scenarios::{Machine, Run, Vars};

use crate::engine::bench::Bench;
use crate::engine::held::Held;
use crate::engine::shell_line::{Login, Look, Program, Talk, Trouble};
use crate::engine::steps::answer::{command_result, unanswered};
use crate::engine::steps::run::take_answer;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

/// Bytes of the text on the line that are looked at for a prompt.
const BEFORE: u64 = 16 << 10;

impl Bench<'_> {
    /// Runs a command by the shell of the serial line: logs in where the guest asks for it.
    pub(super) async fn run_over_serial(
        &mut self,
        run: &Run,
        login: Option<Login>,
        wait: &Wait,
    ) -> Result<Held, Stop> {
        let user = run.user.as_ref().map(|user| user.reveal().to_owned());
        let user = match (user, &login) {
            (Some(user), Some(login)) if user == login.user => None,
            (Some(user), Some(login)) if login.user != "root" => {
                return Err(Stop::error(
                    CauseKind::Scenario,
                    format!(
                        "`run` over the serial line cannot become `{user}`: `{}` logs in, and only root becomes \
                        another user",
                        login.user
                    ),
                )
                .hint("let root log in (`login:` in qa.yaml), or leave `user` out"));
            }
            (user, _) => user,
        };
        let stdin = run.stdin.as_ref().map(|stdin| stdin.reveal().as_bytes());
        let program = Program::new(
            run.command.reveal(),
            user.as_deref(),
            stdin.unwrap_or_default(),
        );
        let console = self.session()?.machine().serial().clone();
        let mut talk = Talk::begin(program, login, Instant::now());
        // A prompt may stand there already.
        let mut from = self
            .session()?
            .serial_at_reset()
            .max(console.position().saturating_sub(BEFORE));
        self.session()?.begin_action();
        let answer = loop {
            let here = console.position();
            let look = talk.look(&console.text_from(from), Instant::now());
            let until = match look {
                Look::Ask(bytes) => {
                    from = here;
                    self.type_on_line(&bytes).await?;
                    continue;
                }
                Look::Say(bytes) => {
                    self.type_on_line(&bytes).await?;
                    continue;
                }
                Look::Answer(output) => break Ok(output),
                Look::Trouble(trouble) => break Err(trouble),
                Look::Wait(until) => until,
            };
            if wait.is_over() && !talk.is_interrupted() {
                match talk.interrupt(Instant::now()) {
                    Some(bytes) => {
                        self.type_on_line(&bytes).await?;
                        continue;
                    }
                    // The answer is there, or nobody is.
                    None if talk.has_started() => {}
                    None => {
                        let text = console.text_from(from);
                        // A reader that was started must not wait for the rest.
                        if talk.has_typed() {
                            self.type_on_line(&[0x03]).await?;
                        }
                        return Err(no_shell(wait, &text));
                    }
                }
            }
            let until = match talk.has_started() && wait.is_over() {
                true => until,
                false => until.min(wait.deadline()),
            };
            self.session()?.wake(Some(until)).await?;
        };
        // What the shell said in between is no step's.
        self.session()?.set_serial_from(console.position());
        let interrupted = talk.is_interrupted();
        match answer {
            Ok(output) if interrupted => {
                let mut result = command_result(run, &output);
                // How it ended is our doing.
                result.exit = None;
                Err(still_runs(run, wait)
                    .hint("it was interrupted (Control-C), and its shell has ended")
                    .with_command(result))
            }
            Ok(output) => take_answer(run, &output),
            Err(trouble) => Err(troubled(&trouble, run, wait)),
        }
    }

    async fn type_on_line(&mut self, bytes: &[u8]) -> Result<(), Stop> {
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

/// Returns how the project says that one logs in.
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
                    "`login` takes its password from `{}`, and there is no such variable",
                    name.value
                ),
            )
            .hint(
                "declare it in `secrets:` of qa.yaml; `password` names it, and is not the password",
            )
        })?),
    };
    Ok(Some(Login {
        user: login.user.clone(),
        password: password.map(|text| text.reveal().to_owned()),
        prompt: login.prompt.as_ref().map(|prompt| prompt.regex().clone()),
    }))
}

fn still_runs(run: &Run, wait: &Wait) -> Stop {
    Stop::failed(
        CauseKind::Deadline,
        format!("`{}` still ran after {}", run.command, wait.words()),
    )
}

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
        "`run` without an agent needs a shell or a login on the first serial line: `login:` in qa.yaml says who logs \
        in; or give the image qemu-guest-agent, and the machine `agent: true`",
    )
}

fn troubled(trouble: &Trouble, run: &Run, wait: &Wait) -> Stop {
    match trouble {
        Trouble::NoLogin => Stop::error(
            CauseKind::Scenario,
            "the serial line asks who logs in, and the project does not say",
        )
        .hint("write `login: { user: NAME, password: SECRET }` at the image or the machine in qa.yaml"),
        Trouble::LoginRefused => {
            Stop::failed(CauseKind::Command, "the login on the serial line was refused")
                .hint("`login:` in qa.yaml says who logs in, and which secret has the password")
        }
        Trouble::NoPlace => Stop::failed(
            CauseKind::Command,
            format!("the guest has no folder to which `{}` could write its output", run.command),
        )
        .hint("one of /run, /dev/shm, /tmp and /var/tmp must be writable"),
        Trouble::Garbled => Stop::error(
            CauseKind::Harness,
            format!("the output of `{}` came broken over the serial line, again and again", run.command),
        )
        .hint("keep other programs off the line, or let the command write less"),
        Trouble::NotEnded => still_runs(run, wait)
            .hint("it did not end when it was interrupted (Control-C), and is left in the guest")
            .with_command(unanswered(run)),
    }
}

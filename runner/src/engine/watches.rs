//! What must hold all the time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use needles::{Needle, SearchRatio};
use reports::{CauseKind, Wanted};
use scenarios::{Exit, Reboots, Watch, WatchKind};
use tokio::task::JoinSet;
use vm::{Agent, GuestCommand, GuestExit, Machine, Serial, Starvation};

use crate::engine::look;
use crate::engine::session::Shown;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::needle_store::NeedleStore;

/// The watches of a scenario, with what they need to be checked.
#[derive(Debug)]
pub(super) struct Watches {
    store: Arc<NeedleStore>,
    serial: Vec<(String, scenarios::Pattern)>,
    serial_from: u64,
    needles: Vec<NeedleWatch>,
    commands: Vec<CommandWatch>,
    running: JoinSet<Option<Stop>>,
    reboots: Reboots,
}

#[derive(Debug)]
struct NeedleWatch {
    name: String,
    query: String,
    candidates: Arc<Vec<Arc<Needle>>>,
}

#[derive(Debug, Clone)]
struct CommandWatch {
    name: String,
    command: scenarios::Text,
    user: Option<scenarios::Text>,
    exit: Exit,
    every: Duration,
    due: Instant,
}

impl Watches {
    /// Prepares watches for a machine.
    pub(super) fn new(watches: &[Watch], store: &Arc<NeedleStore>) -> Self {
        let mut prepared = Self {
            store: Arc::clone(store),
            serial: Vec::new(),
            serial_from: 0,
            needles: Vec::new(),
            commands: Vec::new(),
            running: JoinSet::new(),
            reboots: Reboots::default(),
        };
        for watch in watches {
            let name = watch.name.clone();
            match &watch.kind {
                WatchKind::Serial(pattern) => prepared.serial.push((name, pattern.clone())),
                WatchKind::Needle(query) => prepared.needles.push(NeedleWatch {
                    name,
                    query: query.to_string(),
                    candidates: Arc::new(store.select(&query.lists())),
                }),
                WatchKind::Reboots(reboots) => prepared.reboots = *reboots,
                WatchKind::Command {
                    command,
                    user,
                    exit,
                    every,
                } => prepared.commands.push(CommandWatch {
                    name,
                    command: command.clone(),
                    user: user.clone(),
                    exit: *exit,
                    every: *every,
                    due: Instant::now() + *every,
                }),
            }
        }
        prepared
    }

    /// Serial patterns count from this position on.
    pub(super) fn begin_at(&mut self, position: u64) {
        self.serial_from = position;
    }

    /// Whether a reset that no step asked for is all right.
    pub(super) fn allows_resets(&self) -> bool {
        self.reboots == Reboots::Any
    }

    /// Looks for forbidden text in what the serial console said since the last look.
    pub(super) fn check_serial(&mut self, serial: &Serial) -> Option<Stop> {
        let end = serial.position();
        for (name, pattern) in &self.serial {
            if let Some(found) = serial.find(pattern.regex(), self.serial_from) {
                return Some(
                    Stop::failed(
                        CauseKind::Watch(name.clone()),
                        format!(
                            "watch `{name}` was breached: the serial console says `{}`",
                            found.line.trim()
                        ),
                    )
                    .hint("`serial0.log` has the whole console"),
                );
            }
        }
        // A match may be cut by the end of what there is now: whole lines are done with, the last one is not.
        let text = serial.text_from(self.serial_from);
        let open_line = text
            .rfind('\n')
            .map_or(text.len(), |at| text.len() - at - 1);
        self.serial_from = end.saturating_sub(open_line as u64).max(self.serial_from);
        None
    }

    /// Looks for forbidden needles.
    ///
    /// # Errors
    /// A needle's picture cannot be read.
    pub(super) async fn check_screen(&self, shown: &Shown) -> Result<Option<Stop>, Stop> {
        for watch in &self.needles {
            let found = look::search(
                &self.store,
                &watch.candidates,
                &shown.frame,
                SearchRatio::NEAR,
            )
            .await?;
            if let Some(outcome) = found {
                let report = look::report(&watch.query, Wanted::Absent, Some(&outcome), &[]);
                return Ok(Some(
                    Stop::failed(
                        CauseKind::Watch(watch.name.clone()),
                        format!(
                            "watch `{}` was breached: needle `{}` is on the screen",
                            watch.name,
                            outcome.needle.name()
                        ),
                    )
                    .with_look(report),
                ));
            }
        }
        Ok(None)
    }

    /// When the next command is to be run; none without such watches.
    pub(super) fn next_command(&self) -> Option<Instant> {
        self.commands.iter().map(|watch| watch.due).min()
    }

    /// Starts the commands whose time has come. Where no agent is connected yet there is nothing to ask, and nothing to say.
    ///
    /// They run beside the wait: a command that hangs in the guest holds up neither a deadline nor the user's Ctrl-C.
    pub(super) fn start_due_commands(&mut self, machine: &Machine) {
        let now = Instant::now();
        for watch in &mut self.commands {
            if watch.due > now {
                continue;
            }
            watch.due = now + watch.every;
            let agent = machine.agent();
            if agent.is_connected() {
                let (watch, agent) = (watch.clone(), agent.clone());
                let starvation = machine.starvation().clone();
                self.running
                    .spawn(async move { watch.breach(&agent, starvation).await });
            }
        }
    }

    /// The breach of a watched command, as soon as there is one; never ends otherwise.
    pub(super) async fn next_breach(&mut self) -> Stop {
        loop {
            match self.running.join_next().await {
                Some(Ok(Some(breach))) => return breach,
                Some(Ok(None)) => {}
                Some(Err(error)) => {
                    return Stop::error(CauseKind::Harness, format!("a watch broke off: {error}"));
                }
                None => return std::future::pending().await,
            }
        }
    }
}

impl CommandWatch {
    async fn breach(&self, agent: &Agent, starvation: Starvation) -> Option<Stop> {
        let mut command = GuestCommand::shell(self.command.reveal());
        command.user = self.user.as_ref().map(|user| user.reveal().to_owned());
        let wait = Wait::new(Some(command.timeout), starvation);
        let what = match agent.exec_while(&command, || wait.remaining()).await {
            Ok(output) => match (self.exit, output.exit) {
                (Exit::Any, _) => None,
                (Exit::Status(want), GuestExit::Code(code)) if i64::from(want) == code => None,
                (_, GuestExit::Code(code)) => Some(format!("it ended with status {code}")),
                (_, GuestExit::Signal(signal)) => Some(format!("it was ended by signal {signal}")),
            },
            Err(vm::AgentError::CommandTimedOut { .. }) => {
                Some(format!("it still ran after {}", wait.words()))
            }
            // An agent that goes away (a reboot) is no breach: the resets are watched apart.
            Err(_) => None,
        }?;
        Some(Stop::failed(
            CauseKind::Watch(self.name.clone()),
            format!(
                "watch `{}` was breached: `{}` must keep succeeding, and {what}",
                self.name, self.command
            ),
        ))
    }
}

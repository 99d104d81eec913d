//! A watch that asks the guest through its agent, again and again.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::Instant;

use reports::{CauseKind, CommandResult};
use scenarios::WatchedBy;
use vm::{Agent, AgentError, GuestCommand, GuestExit, Starvation};

use super::question::{Answer, Breach, Question, Since};
use crate::engine::frame_keeper::file_name;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::failure::chain;

/// Time from one look to the next where a watch does not say: some seconds of a guest's processor each hour.
pub(super) const USUAL: Duration = Duration::from_secs(30);

/// How long the guest may take to tell more of a breach.
const MORE: Duration = Duration::from_secs(30);

/// What a report shows of what the guest tells more.
const MOST_SHOWN: usize = 16 << 10;

/// A watch that asks the guest.
#[derive(Debug)]
pub(super) struct Asking {
    pub(super) name: String,
    pub(super) by: WatchedBy,
    pub(super) question: Question,
    pub(super) every: Duration,
    /// Whether it asks as soon as there is an agent.
    pub(super) is_eager: bool,
    pub(super) since: Since,
    pub(super) due: Instant,
    /// Whether it must look once more, whenever it is due.
    pub(super) is_wanted: bool,
    pub(super) is_under_way: bool,
    /// Whether it has looked.
    pub(super) has_looked: bool,
    /// Whether it is still to look when the steps have held.
    pub(super) owes_last_look: bool,
    /// Why it could not look the last time.
    pub(super) trouble: Option<String>,
}

/// What came of asking.
#[derive(Debug)]
pub(super) struct Answered {
    /// Which of the watches asked.
    pub(super) index: usize,
    pub(super) since: Since,
    pub(super) told: Told,
}

#[derive(Debug)]
pub(super) enum Told {
    Holds,
    Breached(Stop),
    CannotTell(String),
    /// The agent went away, as with a reset: there is nothing to say.
    Nothing,
}

/// All that a question needs while the machine goes on.
#[derive(Debug)]
pub(super) struct Asker {
    pub(super) index: usize,
    pub(super) name: String,
    pub(super) question: Question,
    pub(super) since: Since,
    pub(super) agent: Agent,
    pub(super) starvation: Starvation,
    /// Where evidence goes.
    pub(super) folder: PathBuf,
}

impl Asker {
    /// Asks, and where the answer is a breach, asks for what backs it.
    pub(super) async fn ask(mut self) -> Answered {
        let asked = self.since.clone();
        let mut told = self.ask_once().await;
        // A journal that does not know the place any more is read from its boot on, and not only when the next look is
        // due.
        if matches!(told, Told::CannotTell(_)) && self.since != asked {
            told = self.ask_once().await;
        }
        Answered {
            index: self.index,
            since: self.since,
            told,
        }
    }

    async fn ask_once(&mut self) -> Told {
        let command = self.question.command(&self.since);
        let wait = Wait::new(Some(command.timeout), self.starvation.clone());
        match self.agent.exec_while(&command, || wait.remaining()).await {
            Ok(output) => match self.question.judge(&mut self.since, &output) {
                Answer::Holds => Told::Holds,
                Answer::CannotTell(why) => Told::CannotTell(why),
                Answer::Breached(breach) => Told::Breached(self.breached(breach).await),
            },
            Err(error) => self.unanswered(&error, &wait),
        }
    }

    fn unanswered(&self, error: &AgentError, wait: &Wait) -> Told {
        match (error, &self.question) {
            (AgentError::CommandTimedOut { .. }, Question::Command { command, .. }) => {
                let what = format!(
                    "`{command}` must keep succeeding, and it still ran after {}",
                    wait.words()
                );
                Told::Breached(self.stop(&what))
            }
            (AgentError::CommandTimedOut { .. }, _) => {
                Told::CannotTell(format!("the guest did not answer within {}", wait.words()))
            }
            (AgentError::Refused { .. } | AgentError::UnexpectedAnswer { .. }, _) => {
                Told::CannotTell(chain(error))
            }
            (AgentError::Lacking(_), _) => Told::CannotTell("the machine has no agent".to_owned()),
            // The resets, by which an agent goes away as a rule, are watched apart.
            (AgentError::Gone | AgentError::NotConnected | AgentError::TimedOut { .. }, _) => {
                Told::Nothing
            }
        }
    }

    fn stop(&self, what: &str) -> Stop {
        Stop::failed(
            CauseKind::Watch(self.name.clone()),
            format!("watch `{}` was breached: {what}", self.name),
        )
    }

    async fn breached(&self, breach: Breach) -> Stop {
        let stop = self.stop(&breach.what);
        let Some(line) = breach.more else {
            return stop;
        };
        let mut command = GuestCommand::shell(&line);
        command.timeout = MORE;
        // Without it the breach is one all the same.
        let Ok(output) = self.agent.exec(&command).await else {
            return stop;
        };
        let text = String::from_utf8_lossy(output.stdout.kept()).into_owned();
        let file = evidence_file(&self.folder, &self.name);
        let stop = match fs::write(&file, &text) {
            Ok(()) => stop.hint(format!(
                "`{}` has what the guest tells of it",
                name_of(&file)
            )),
            Err(_) => stop,
        };
        stop.with_command(CommandResult {
            command: line,
            user: None,
            exit: match output.exit {
                GuestExit::Code(code) => Some(code),
                GuestExit::Signal(_) => None,
            },
            stdout: beginning(text),
            stderr: String::from_utf8_lossy(output.stderr.kept()).into_owned(),
            remarks: Vec::new(),
        })
    }
}

/// Where what backs a breach of a watch is kept.
fn evidence_file(folder: &Path, watch: &str) -> PathBuf {
    folder.join(format!("watch-{}.txt", file_name(watch)))
}

fn name_of(file: &Path) -> String {
    file.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// The beginning of a text, which names what it is about.
fn beginning(mut text: String) -> String {
    if text.len() > MOST_SHOWN {
        let mut end = MOST_SHOWN;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push_str("\n(the rest is left out)\n");
    }
    text
}

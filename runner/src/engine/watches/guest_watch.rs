//! A watch that asks the guest through its agent at intervals.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::Instant;

use reports::{CauseKind, CommandResult};
use scenarios::WatchedBy;
use vm::{Agent, AgentError, GuestCommand, GuestExit, Starvation};

use super::question::{Answer, Breach, JournalPosition, Question};
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::failure::chain;
use crate::file_name::file_name;

/// The default time between two questions of a watch. It costs some seconds of the guest's processor each hour.
pub(super) const USUAL: Duration = Duration::from_secs(30);

/// The longest time that the guest may take to give details of a breach.
const MORE: Duration = Duration::from_secs(30);

/// The number of bytes of these details that a report shows.
const MOST_SHOWN: usize = 16 << 10;

/// A watch that asks the guest.
#[derive(Debug)]
pub(super) struct GuestWatch {
    pub(super) name: String,
    pub(super) by: WatchedBy,
    pub(super) question: Question,
    pub(super) every: Duration,
    /// True if it asks as soon as an agent is connected.
    pub(super) is_eager: bool,
    /// The position after which entries of the journal count.
    pub(super) since: JournalPosition,
    /// The time of the next question.
    pub(super) due: Instant,
    /// True if it must ask now, before it is due.
    pub(super) is_wanted: bool,
    /// True while an answer is awaited.
    pub(super) is_under_way: bool,
    /// True if it got an answer.
    pub(super) has_looked: bool,
    /// True if it must still get an answer after the last step.
    pub(super) owes_last_look: bool,
    /// The reason why it could not check its condition the last time.
    pub(super) trouble: Option<String>,
    /// The number of times in a row that it was due and got no answer.
    pub(super) unanswered: u32,
}

/// The answer to a question, with the watch that asked.
#[derive(Debug)]
pub(super) struct QueryResult {
    /// The index of the watch.
    pub(super) index: usize,
    /// The position in the journal after this answer.
    pub(super) since: JournalPosition,
    pub(super) result: WatchResult,
}

/// The result of a question.
#[derive(Debug)]
pub(super) enum WatchResult {
    /// The condition holds.
    Holds,
    /// The condition does not hold.
    Breached(Stop),
    /// The guest cannot check the condition, for this reason.
    CannotTell(String),
    /// The agent went away, as with a restart: there is no answer.
    NoAnswer,
}

/// A question to the guest that runs as a task of its own.
#[derive(Debug)]
pub(super) struct GuestQuery {
    pub(super) index: usize,
    pub(super) name: String,
    pub(super) question: Question,
    pub(super) since: JournalPosition,
    pub(super) agent: Agent,
    pub(super) starvation: Starvation,
    /// The folder for evidence.
    pub(super) folder: PathBuf,
}

impl GuestQuery {
    /// Asks the guest. If the answer is a breach, asks for its details as well.
    pub(super) async fn ask(mut self) -> QueryResult {
        let asked = self.since.clone();
        let mut result = self.ask_once().await;
        // If the journal does not know the position any more, the question is asked again at once, from the last boot.
        if matches!(result, WatchResult::CannotTell(_)) && self.since != asked {
            result = self.ask_once().await;
        }
        QueryResult {
            index: self.index,
            since: self.since,
            result,
        }
    }

    async fn ask_once(&mut self) -> WatchResult {
        let command = self.question.command(&self.since);
        let wait = Wait::new(Some(command.timeout), self.starvation.clone());
        match self.agent.exec_while(&command, || wait.remaining()).await {
            Ok(output) => match self.question.judge(&mut self.since, &output) {
                Answer::Holds => WatchResult::Holds,
                Answer::CannotTell(why) => WatchResult::CannotTell(why),
                Answer::Breached(breach) => WatchResult::Breached(self.breached(breach).await),
            },
            Err(error) => self.unanswered(&error, &wait),
        }
    }

    fn unanswered(&self, error: &AgentError, wait: &Wait) -> WatchResult {
        match (error, &self.question) {
            (AgentError::CommandTimedOut { .. }, Question::Command { command, .. }) => {
                let what = format!(
                    "`{}` must keep succeeding, and it still ran after {}",
                    command.brief(),
                    wait.words()
                );
                WatchResult::Breached(self.stop(&what))
            }
            (AgentError::CommandTimedOut { .. }, _) => {
                WatchResult::CannotTell(format!("the guest did not answer within {}", wait.words()))
            }
            (AgentError::Refused { .. } | AgentError::UnexpectedAnswer { .. }, _) => {
                WatchResult::CannotTell(chain(error))
            }
            (AgentError::Lacking(_), _) => {
                WatchResult::CannotTell("the machine has no agent".to_owned())
            }
            // An agent usually goes away by a restart, which is judged elsewhere.
            (AgentError::Gone | AgentError::NotConnected | AgentError::TimedOut { .. }, _) => {
                WatchResult::NoAnswer
            }
        }
    }

    fn stop(&self, what: &str) -> Stop {
        Stop::failed(
            CauseKind::Watch(self.name.clone()),
            format!("watch `{}` was breached: {what}", self.name),
        )
    }

    /// Returns the failure for a breach, with its details if the guest gives them.
    async fn breached(&self, breach: Breach) -> Stop {
        let stop = self.stop(&breach.what);
        let Some(line) = breach.more else {
            return stop;
        };
        let mut command = GuestCommand::shell(&line);
        command.timeout = MORE;
        // The breach counts even without details.
        let Ok(output) = self.agent.exec(&command).await else {
            return stop;
        };
        let text = String::from_utf8_lossy(output.stdout.kept()).into_owned();
        let file = evidence_file(&self.folder, &self.name);
        let stop = match fs::write(&file, &text) {
            Ok(()) => stop.hint(format!(
                "`{}` has the details from the guest",
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

/// Returns the file for the details of a breach.
fn evidence_file(folder: &Path, watch: &str) -> PathBuf {
    folder.join(format!("watch-{}.txt", file_name(watch)))
}

fn name_of(file: &Path) -> String {
    file.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Returns the beginning of a text, at most [`MOST_SHOWN`] bytes and a remark. The beginning says most.
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

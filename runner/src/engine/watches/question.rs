//! The questions that watches ask the guest through its agent, and the meaning of the answers.

use std::sync::LazyLock;

use regex::Regex;
use scenarios::{Exit, Pattern, Text};
use vm::{GuestCommand, GuestExit, GuestOutput};

/// A question to the guest.
#[derive(Debug, Clone)]
pub(super) enum Question {
    /// Asks whether a command succeeds.
    Command {
        command: Text,
        user: Option<Text>,
        exit: Exit,
    },
    /// Asks whether the journal has an entry that matches this pattern, which must not appear.
    Journal(Pattern),
    /// Asks whether a unit has failed, except these.
    FailedUnits { except: Vec<String> },
    /// Asks whether a program has dumped core, except these.
    Coredumps { except: Vec<String> },
}

/// The position in the journal after which entries count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) enum JournalPosition {
    /// The beginning of the last boot.
    Boot,
    /// The entry with this cursor.
    Cursor(String),
}

/// The meaning of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// The condition holds.
    Holds,
    /// The condition does not hold.
    Breached(Breach),
    /// The guest cannot check the condition, for this reason.
    CannotTell(String),
}

/// A condition that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Breach {
    /// The event: a lowercase fragment, to follow the name of the watch.
    pub(super) what: String,
    /// A command line for the guest that prints details.
    pub(super) more: Option<String>,
}

/// The filter for journal entries of systemd about core dumps.
const COREDUMP: &str = "MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1";

/// Waits for dumps that are being written, because they are in the journal only after that.
const DUMPING: &str = "n=0; while [ $n -lt 20 ] && systemctl is-active --quiet 'systemd-coredump@*'; do sleep 1; \
    n=$((n + 1)); done";

/// The beginning of the line with the position in the journal.
const CURSOR: &str = "-- cursor: ";

impl Question {
    /// Returns the command for the guest that asks the question.
    pub(super) fn command(&self, since: &JournalPosition) -> GuestCommand {
        match self {
            Self::Command { command, user, .. } => {
                let mut guest = GuestCommand::relayed(command.reveal());
                guest.user = user.as_ref().map(|user| user.reveal().to_owned());
                guest
            }
            Self::Journal(_) => GuestCommand::shell(journal(since)),
            Self::FailedUnits { .. } => GuestCommand::shell(format!(
                "{}\nsystemctl --failed --no-legend --plain --no-pager",
                needs("systemctl")
            )),
            Self::Coredumps { .. } => GuestCommand::shell(format!(
                "core=$(cat /proc/sys/kernel/core_pattern)\ncase $core in\n*systemd-coredump*) ;;\n\
                 *) echo \"core dumps go to '$core' and not to systemd-coredump\" >&2; exit 127 ;;\nesac\n\
                 {DUMPING}\n{}",
                dumps(since)
            )),
        }
    }

    /// Returns whether the question reads the journal from a position on.
    pub(super) fn reads_journal(&self) -> bool {
        match self {
            Self::Journal(_) | Self::Coredumps { .. } => true,
            Self::Command { .. } | Self::FailedUnits { .. } => false,
        }
    }

    /// Returns the meaning of an answer. `since` moves to the start of the next question.
    pub(super) fn judge(&self, since: &mut JournalPosition, output: &GuestOutput) -> Answer {
        if let Self::Command { command, exit, .. } = self {
            return judge_command(command, *exit, output);
        }
        if output.exit != GuestExit::Code(0) {
            // A journal that was cleared does not know the position any more.
            if matches!(since, JournalPosition::Cursor(_)) && output.exit != GuestExit::Code(127) {
                *since = JournalPosition::Boot;
            }
            return Answer::CannotTell(trouble(output));
        }
        let text = String::from_utf8_lossy(output.stdout.kept());
        let asked = since.clone();
        let answer = match self {
            Self::Command { .. } => Answer::Holds,
            Self::FailedUnits { except } => judge_units(&text, except),
            Self::Journal(pattern) => {
                let entries = without_own_commands(step(since, &text));
                judge_entries(&entries, pattern)
            }
            Self::Coredumps { except } => {
                judge_dumps(&messages(step(since, &text), &asked), except)
            }
        };
        match answer {
            // The part that the agent dropped may have the breach.
            Answer::Holds if output.stdout.is_cut() => {
                Answer::CannotTell("the guest's answer was too long for its agent".to_owned())
            }
            answer => answer,
        }
    }
}

/// Returns a line of shell that fails with a message if the guest has no such program.
fn needs(program: &str) -> String {
    format!(
        "command -v {program} >/dev/null || {{ echo 'there is no {program} in the guest' >&2; exit 127; }}"
    )
}

/// Returns the command that prints the newest position in the journal, after pending messages were written to it.
pub(in crate::engine) fn position_command() -> GuestCommand {
    GuestCommand::shell(position_script())
}

/// Returns the position at the beginning of an answer; none if the journal is empty or the command failed.
pub(in crate::engine) fn position_in(output: &GuestOutput) -> Option<JournalPosition> {
    let mut since = JournalPosition::Boot;
    if output.exit == GuestExit::Code(0) {
        step(&mut since, &String::from_utf8_lossy(output.stdout.kept()));
    }
    (since != JournalPosition::Boot).then_some(since)
}

fn position_script() -> String {
    format!(
        "{}\njournalctl --sync 2>/dev/null\n\
        journalctl --no-pager --quiet --output=cat --lines=1 --show-cursor | tail -n 1",
        needs("journalctl")
    )
}

/// Returns a script that prints the newest position in the journal, then the entries after `since`. The position comes
/// first, so that the next question misses no entry that is written in between.
fn journal(since: &JournalPosition) -> String {
    let entries = match since {
        JournalPosition::Boot => "--boot".to_owned(),
        JournalPosition::Cursor(cursor) => format!("--after-cursor='{cursor}'"),
    };
    format!(
        "{}\njournalctl --no-pager --quiet --output=short-iso {entries}",
        position_script()
    )
}

/// Returns a script that prints the newest position in the journal, then the entries about core dumps at `since` and
/// after it, one JSON object a line.
///
/// `--after-cursor` with a filter loses the first entry before systemd 255: it leaves out the first entry that matches,
/// also if that is not the one with the cursor. So the entry with the cursor is asked for, too.
fn dumps(since: &JournalPosition) -> String {
    let entries = match since {
        JournalPosition::Boot => "--boot".to_owned(),
        JournalPosition::Cursor(cursor) => format!("--cursor='{cursor}'"),
    };
    format!(
        "{}\njournalctl --no-pager --quiet --all --output=json --output-fields=MESSAGE {entries} {COREDUMP}",
        position_script()
    )
}

/// Moves `since` to the position in an answer, and returns the rest of the answer.
fn step<'a>(since: &mut JournalPosition, text: &'a str) -> &'a str {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let cursor = first.strip_prefix(CURSOR).map(str::trim);
    let entries = match cursor {
        Some(_) => rest,
        None => text,
    };
    // The cursor is put between quotes in a command line, so it must have no special characters.
    let is_plain = |cursor: &&str| {
        !cursor.is_empty()
            && cursor
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '=' | ';' | '-' | '_'))
    };
    if let Some(cursor) = cursor.filter(is_plain) {
        *since = JournalPosition::Cursor(cursor.to_owned());
    }
    entries
}

/// Removes the agent's own entries about the commands that it runs. They contain the pattern that is searched for.
fn without_own_commands(entries: &str) -> String {
    let mut is_own = false;
    let mut kept = String::with_capacity(entries.len());
    for line in entries.lines() {
        // The lines of an entry after its first one are indented.
        if !line.starts_with(char::is_whitespace) {
            is_own = line.contains("qemu-ga[") && line.contains("guest-exec");
        }
        if !is_own {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

fn judge_command(command: &Text, exit: Exit, output: &GuestOutput) -> Answer {
    let ended = match (exit, output.exit) {
        (Exit::Any, _) => return Answer::Holds,
        (Exit::Status(want), GuestExit::Code(code)) if i64::from(want) == code => {
            return Answer::Holds;
        }
        (_, GuestExit::Code(code)) => format!("it ended with status {code}"),
        (_, GuestExit::Signal(signal)) => format!("it was ended by signal {signal}"),
    };
    Answer::Breached(Breach {
        what: format!("`{}` must keep succeeding, and {ended}", command.brief()),
        more: None,
    })
}

fn judge_units(text: &str, except: &[String]) -> Answer {
    let mut units = Vec::new();
    for line in text.lines() {
        let mut words = line
            .split_whitespace()
            .skip_while(|word| matches!(*word, "●" | "*"));
        let Some(unit) = words.next() else { continue };
        if except.iter().any(|other| other == unit) {
            continue;
        }
        // The columns LOAD, ACTIVE and SUB come before the description.
        let title = words.skip(3).collect::<Vec<_>>().join(" ");
        units.push((unit, title));
    }
    if units.is_empty() {
        return Answer::Holds;
    }
    let described: Vec<String> = units
        .iter()
        .map(|(unit, title)| match title.as_str() {
            "" => format!("`{unit}`"),
            title => format!("`{unit}` ({title})"),
        })
        .collect();
    let quoted: Vec<String> = units
        .iter()
        .map(|(unit, _)| format!("'{}'", unit.replace('\'', "")))
        .collect();
    let noun = if units.len() == 1 {
        "a unit has"
    } else {
        "units have"
    };
    Answer::Breached(Breach {
        what: format!("{noun} failed: {}", described.join(", ")),
        more: Some(format!(
            "systemctl status --no-pager --full --lines=30 -- {}",
            quoted.join(" ")
        )),
    })
}

fn judge_entries(entries: &str, pattern: &Pattern) -> Answer {
    let Some(found) = pattern.regex().find(entries) else {
        return Answer::Holds;
    };
    let begin = entries[..found.start()].rfind('\n').map_or(0, |at| at + 1);
    let line = entries[begin..].lines().next().unwrap_or_default();
    Answer::Breached(Breach {
        what: format!("the journal says `{}`", line.trim()),
        more: None,
    })
}

/// Returns the first line of each journal entry in `lines` (a JSON object a line). The entry at the position that the
/// guest was asked from is left out: an earlier answer had it.
fn messages(lines: &str, asked: &JournalPosition) -> Vec<String> {
    lines
        .lines()
        .filter_map(|line| message(line, asked))
        .collect()
}

/// Returns the message in a line; the line itself if it is no journal entry with a message.
fn message(line: &str, asked: &JournalPosition) -> Option<String> {
    let entry: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
    if let (JournalPosition::Cursor(asked), Some(cursor)) = (asked, entry["__CURSOR"].as_str())
        && asked == cursor
    {
        return None;
    }
    let message = match &entry["MESSAGE"] {
        serde_json::Value::String(text) => text.clone(),
        // A message that is not UTF-8 is a list of its bytes.
        serde_json::Value::Array(bytes) => {
            let byte = |byte: &serde_json::Value| u8::try_from(byte.as_u64()?).ok();
            String::from_utf8_lossy(&bytes.iter().filter_map(byte).collect::<Vec<_>>()).into_owned()
        }
        _ => line.to_owned(),
    };
    let first = message.lines().map(str::trim).find(|line| !line.is_empty());
    first.map(str::to_owned)
}

/// systemd's sentence about a core dump: process, program, user.
static DUMPED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"Process (\d+) \((.*?)\) of user (\d+) ").ok());

fn judge_dumps(messages: &[String], except: &[String]) -> Answer {
    for message in messages {
        let fields = DUMPED.as_ref().and_then(|dumped| dumped.captures(message));
        let Some(fields) = fields else {
            return Answer::Breached(Breach {
                what: format!("a program dumped core: `{message}`"),
                more: Some("coredumpctl info --no-pager".to_owned()),
            });
        };
        let (process, program, user) = (&fields[1], &fields[2], &fields[3]);
        if except.iter().any(|other| other == program) {
            continue;
        }
        return Answer::Breached(Breach {
            what: format!("`{program}` (process {process} of user {user}) dumped core"),
            more: Some(format!("coredumpctl info --no-pager {process}")),
        });
    }
    Answer::Holds
}

/// Returns the reason why the guest could not check a condition: its first line of error output, or its exit status.
fn trouble(output: &GuestOutput) -> String {
    let stderr = String::from_utf8_lossy(output.stderr.kept());
    let said = stderr.lines().map(str::trim).find(|line| !line.is_empty());
    match (said, output.exit) {
        (Some(said), _) => said.to_owned(),
        (None, GuestExit::Code(code)) => format!("the guest's command ended with status {code}"),
        (None, GuestExit::Signal(signal)) => {
            format!("the guest's command was ended by signal {signal}")
        }
    }
}

#[cfg(test)]
mod tests;

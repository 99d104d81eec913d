//! What the guest is asked through its agent, and what its answer means.

use std::sync::LazyLock;

use regex::Regex;
use scenarios::{Exit, Pattern, Text};
use vm::{GuestCommand, GuestExit, GuestOutput};

/// What is asked.
#[derive(Debug, Clone)]
pub(super) enum Question {
    /// Whether a command succeeds.
    Command {
        command: Text,
        user: Option<Text>,
        exit: Exit,
    },
    /// Whether the journal says something that it must not.
    Journal(Pattern),
    /// Which units have failed, besides these.
    FailedUnits { except: Vec<String> },
    /// Which programs have dumped core, besides these.
    Coredumps { except: Vec<String> },
}

/// From where on the journal counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) enum Since {
    /// From the beginning of the boot: the machine was switched on for this scenario.
    Boot,
    /// After the entry with this cursor.
    Cursor(String),
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is as it must be.
    Holds,
    /// It is not.
    Breached(Breach),
    /// The guest has no means to tell.
    CannotTell(String),
}

/// What is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Breach {
    /// What happened: a lowercase fragment, to follow the name of the watch.
    pub(super) what: String,
    /// A command line for the guest that tells more.
    pub(super) more: Option<String>,
}

/// The entries of systemd that tell of a core dump.
const COREDUMP: &str = "MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1";

/// A dump that is being written is in the journal when it is done.
const DUMPING: &str = "n=0; while [ $n -lt 20 ] && systemctl is-active --quiet 'systemd-coredump@*'; do sleep 1; \
    n=$((n + 1)); done";

/// What begins the line with the place in the journal up to which was looked.
const CURSOR: &str = "-- cursor: ";

impl Question {
    /// The command line that asks it.
    pub(super) fn command(&self, since: &Since) -> GuestCommand {
        match self {
            Self::Command { command, user, .. } => {
                let mut guest = GuestCommand::relayed(command.reveal());
                guest.user = user.as_ref().map(|user| user.reveal().to_owned());
                guest
            }
            Self::Journal(_) => GuestCommand::shell(journal(since, "")),
            Self::FailedUnits { .. } => GuestCommand::shell(format!(
                "{}\nsystemctl --failed --no-legend --plain --no-pager",
                needs("systemctl")
            )),
            Self::Coredumps { .. } => GuestCommand::shell(format!(
                "core=$(cat /proc/sys/kernel/core_pattern)\ncase $core in\n*systemd-coredump*) ;;\n\
                 *) echo \"core dumps go to '$core' and not to systemd-coredump\" >&2; exit 127 ;;\nesac\n\
                 {DUMPING}\n{}",
                journal(since, COREDUMP)
            )),
        }
    }

    /// Whether the answer depends on the place up to which the journal was read.
    pub(super) fn reads_journal(&self) -> bool {
        match self {
            Self::Journal(_) | Self::Coredumps { .. } => true,
            Self::Command { .. } | Self::FailedUnits { .. } => false,
        }
    }

    /// What the answer means. `since` moves to where the next look begins.
    pub(super) fn judge(&self, since: &mut Since, output: &GuestOutput) -> Answer {
        if let Self::Command { command, exit, .. } = self {
            return judge_command(command, *exit, output);
        }
        if output.exit != GuestExit::Code(0) {
            // A journal that was cleared does not know the place any more.
            if matches!(since, Since::Cursor(_)) && output.exit != GuestExit::Code(127) {
                *since = Since::Boot;
            }
            return Answer::CannotTell(trouble(output));
        }
        let text = String::from_utf8_lossy(output.stdout.kept());
        let answer = match self {
            Self::Command { .. } => Answer::Holds,
            Self::FailedUnits { except } => judge_units(&text, except),
            Self::Journal(pattern) => judge_entries(&step(since, &text), pattern),
            Self::Coredumps { except } => judge_dumps(&step(since, &text), except),
        };
        match answer {
            // What the agent dropped may have been the breach.
            Answer::Holds if output.stdout.is_cut() => Answer::CannotTell(
                "the guest had more to tell than its agent hands over".to_owned(),
            ),
            answer => answer,
        }
    }
}

/// Fails with a word where the guest has no such program.
fn needs(program: &str) -> String {
    format!(
        "command -v {program} >/dev/null || {{ echo 'there is no {program} in the guest' >&2; exit 127; }}"
    )
}

/// Asks for the newest place in the journal, after what was handed to it and is not in it yet.
pub(in crate::engine) fn place() -> GuestCommand {
    GuestCommand::shell(place_line())
}

/// The place that an answer begins with; none where the journal is empty, or the guest cannot tell.
pub(in crate::engine) fn place_in(output: &GuestOutput) -> Option<Since> {
    let mut since = Since::Boot;
    if output.exit == GuestExit::Code(0) {
        step(&mut since, &String::from_utf8_lossy(output.stdout.kept()));
    }
    (since != Since::Boot).then_some(since)
}

fn place_line() -> String {
    format!(
        "{}\njournalctl --sync 2>/dev/null\n\
        journalctl --no-pager --quiet --output=cat --lines=1 --show-cursor | tail -n 1",
        needs("journalctl")
    )
}

/// Tells the newest place in the journal first, whatever it is of, so that the next look misses nothing;
/// then the entries up to here.
fn journal(since: &Since, matching: &str) -> String {
    let entries = match since {
        Since::Boot => "--boot".to_owned(),
        Since::Cursor(cursor) => format!("--after-cursor='{cursor}'"),
    };
    format!(
        "{}\njournalctl --no-pager --quiet --output=short-iso {entries} {matching}",
        place_line()
    )
}

/// Takes the newest place, and gives the entries.
fn step(since: &mut Since, text: &str) -> String {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let cursor = first.strip_prefix(CURSOR).map(str::trim);
    let entries = match cursor {
        Some(_) => rest,
        None => text,
    };
    // It goes into a command line between quotes.
    let is_plain = |cursor: &&str| {
        !cursor.is_empty()
            && cursor
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '=' | ';' | '-' | '_'))
    };
    if let Some(cursor) = cursor.filter(is_plain) {
        *since = Since::Cursor(cursor.to_owned());
    }
    without_own_commands(entries)
}

/// The agent writes each command line that it runs into the journal: what a scenario looks for must not
/// be found in the looking.
fn without_own_commands(entries: &str) -> String {
    let mut is_own = false;
    let mut kept = String::with_capacity(entries.len());
    for line in entries.lines() {
        // More lines of an entry are indented.
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
        what: format!("`{command}` must keep succeeding, and {ended}"),
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
        // After the states of being loaded, active, and in between.
        let title = words.skip(3).collect::<Vec<_>>().join(" ");
        units.push((unit, title));
    }
    if units.is_empty() {
        return Answer::Holds;
    }
    let told: Vec<String> = units
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
        what: format!("{noun} failed: {}", told.join(", ")),
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

/// systemd's sentence about a core dump: process, program, user.
static DUMPED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"Process (\d+) \((.*?)\) of user (\d+) ").ok());

fn judge_dumps(entries: &str, except: &[String]) -> Answer {
    for line in entries.lines() {
        // The rest of an entry, a stack as a rule, is indented.
        if line.trim().is_empty() || line.starts_with(char::is_whitespace) {
            continue;
        }
        let told = DUMPED.as_ref().and_then(|dumped| dumped.captures(line));
        let Some(told) = told else {
            return Answer::Breached(Breach {
                what: format!("a program dumped core: `{}`", line.trim()),
                more: Some("coredumpctl info --no-pager".to_owned()),
            });
        };
        let (process, program, user) = (&told[1], &told[2], &told[3]);
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

/// Why a guest cannot tell, in its own words.
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

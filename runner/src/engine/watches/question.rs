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
pub(super) enum Since {
    /// From the beginning of the boot: the machine was switched on for this scenario.
    Boot,
    /// From the first look on: what is in it belongs to what ran before.
    Now,
    /// After the entry with this cursor.
    Cursor(String),
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is as it must be.
    Holds,
    /// Nothing could be found out yet: from here on it counts.
    Begun,
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

/// What begins the line with the place in the journal up to which was looked.
const CURSOR: &str = "-- cursor: ";

impl Question {
    /// The command line that asks it.
    pub(super) fn command(&self, since: &Since) -> GuestCommand {
        match self {
            Self::Command { command, user, .. } => {
                let mut guest = GuestCommand::shell(command.reveal());
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
                 *) echo \"core dumps go to '$core' and not to systemd-coredump\" >&2; exit 127 ;;\nesac\n{}",
                journal(since, COREDUMP)
            )),
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
        let text = String::from_utf8_lossy(&output.stdout);
        let answer = match self {
            Self::Command { .. } => Answer::Holds,
            Self::FailedUnits { except } => judge_units(&text, except),
            Self::Journal(pattern) => match step(since, &text) {
                None => Answer::Begun,
                Some(entries) => judge_entries(&entries, pattern),
            },
            Self::Coredumps { except } => match step(since, &text) {
                None => Answer::Begun,
                Some(entries) => judge_dumps(&entries, except),
            },
        };
        match answer {
            // What the agent dropped may have been the breach.
            Answer::Holds if output.truncated => Answer::CannotTell(
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

/// Tells the newest place in the journal first, whatever it is of, so that the next look misses nothing; then the entries up to here.
fn journal(since: &Since, matching: &str) -> String {
    let place = "journalctl --no-pager --quiet --output=cat --lines=1 --show-cursor | tail -n 1";
    let entries = match since {
        Since::Boot => "--boot".to_owned(),
        Since::Now => return format!("{}\n{place}", needs("journalctl")),
        Since::Cursor(cursor) => format!("--after-cursor='{cursor}'"),
    };
    format!(
        "{}\n{place}\njournalctl --no-pager --quiet --output=short-iso {entries} {matching}",
        needs("journalctl")
    )
}

/// Takes the newest place, and gives the entries; none where this look only found the place to begin at.
fn step(since: &mut Since, text: &str) -> Option<String> {
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
    let begins = *since == Since::Now;
    if let Some(cursor) = cursor.filter(is_plain) {
        *since = Since::Cursor(cursor.to_owned());
    }
    (!begins).then(|| without_own_commands(entries))
}

/// The agent writes each command line that it runs into the journal: what a scenario looks for must not be found in the looking.
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
    let stderr = String::from_utf8_lossy(&output.stderr);
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
mod tests {
    use super::*;

    fn output(code: i64, stdout: &str, stderr: &str) -> GuestOutput {
        GuestOutput {
            exit: GuestExit::Code(code),
            stdout: stdout.as_bytes().to_vec(),
            stderr: stderr.as_bytes().to_vec(),
            truncated: false,
        }
    }

    fn what(answer: &Answer) -> &str {
        match answer {
            Answer::Breached(breach) => &breach.what,
            Answer::Holds | Answer::Begun | Answer::CannotTell(_) => "",
        }
    }

    fn line(question: &Question, since: &Since) -> String {
        question
            .command(since)
            .argv
            .last()
            .cloned()
            .unwrap_or_default()
    }

    #[test]
    fn failed_units_are_named_but_for_those_that_may_fail() {
        let question = Question::FailedUnits {
            except: vec!["wait.service".to_owned()],
        };
        let judge = |text: &str| question.judge(&mut Since::Boot, &output(0, text, ""));
        assert_eq!(judge(""), Answer::Holds);
        assert_eq!(
            judge("wait.service loaded failed failed Waits\n"),
            Answer::Holds
        );
        let both = judge(
            "wait.service loaded failed failed Waits\nnginx.service loaded failed failed A web server\n● data.mount loaded failed failed /data\n",
        );
        assert_eq!(
            what(&both),
            "units have failed: `nginx.service` (A web server), `data.mount` (/data)"
        );
        let Answer::Breached(Breach {
            more: Some(more), ..
        }) = both
        else {
            panic!("{both:?}");
        };
        assert!(more.ends_with("-- 'nginx.service' 'data.mount'"), "{more}");
    }

    #[test]
    fn the_journal_is_read_on_from_where_it_was_read_to() {
        let pattern = Pattern::new("segfault").expect("a pattern");
        let question = Question::Journal(pattern);
        let mut since = Since::Now;
        // What was there before counts for nothing.
        let begun = question.judge(&mut since, &output(0, "-- cursor: s=1;i=a\n", ""));
        assert_eq!(
            (begun, &since),
            (Answer::Begun, &Since::Cursor("s=1;i=a".into()))
        );
        assert!(line(&question, &since).contains("--after-cursor='s=1;i=a'"));
        let nothing = question.judge(&mut since, &output(0, "-- cursor: s=1;i=b\n", ""));
        assert_eq!(
            (nothing, &since),
            (Answer::Holds, &Since::Cursor("s=1;i=b".into()))
        );
        let text = "-- cursor: s=1;i=c\n09:00 host kernel: app[7]: segfault at 0\n09:01 host x\n";
        let breach = question.judge(&mut since, &output(0, text, ""));
        assert_eq!(
            what(&breach),
            "the journal says `09:00 host kernel: app[7]: segfault at 0`"
        );
    }

    #[test]
    fn an_empty_journal_and_one_that_was_cleared_lose_nothing() {
        let question = Question::Journal(Pattern::new("bad").expect("a pattern"));
        let mut since = Since::Boot;
        assert!(line(&question, &since).contains("--boot"));
        assert_eq!(
            question.judge(&mut since, &output(0, "", "")),
            Answer::Holds
        );
        assert_eq!(since, Since::Boot);
        since = Since::Cursor("s=1".into());
        let lost = question.judge(&mut since, &output(1, "", "Failed to seek to cursor\n"));
        assert_eq!(lost, Answer::CannotTell("Failed to seek to cursor".into()));
        assert_eq!(since, Since::Boot);
        // What is no cursor comes into no command line.
        let mut since = Since::Boot;
        question.judge(&mut since, &output(0, "-- cursor: '; reboot\n", ""));
        assert_eq!(since, Since::Boot);
    }

    #[test]
    fn what_a_scenario_asks_is_not_found_in_the_journal() {
        let question = Question::Journal(Pattern::new("segfault").expect("a pattern"));
        let text = "-- cursor: s=1\n09:00 host qemu-ga[3]: info: guest-exec called: \"/bin/sh -c grep\n            segfault\"\n";
        assert_eq!(
            question.judge(&mut Since::Boot, &output(0, text, "")),
            Answer::Holds
        );
    }

    #[test]
    fn core_dumps_are_told_by_program_and_process() {
        let question = Question::Coredumps {
            except: vec!["noisy".to_owned()],
        };
        let judge = |text: &str| question.judge(&mut Since::Boot, &output(0, text, ""));
        let entry = |program: &str| {
            format!(
                "09:00 host systemd-coredump[9]: Process 7 ({program}) of user 1000 dumped core.\n\n    Stack trace of thread 7:\n    #0 main (x)\n"
            )
        };
        assert_eq!(judge(&entry("noisy")), Answer::Holds);
        let breach = judge(&(entry("noisy") + &entry("gnome-shell")));
        assert_eq!(
            what(&breach),
            "`gnome-shell` (process 7 of user 1000) dumped core"
        );
        // One that is told in other words is one.
        assert!(what(&judge("09:00 host x[9]: app crashed\n")).contains("app crashed"));
        let elsewhere = output(
            127,
            "",
            "core dumps go to 'core' and not to systemd-coredump\n",
        );
        assert!(matches!(
            question.judge(&mut Since::Boot, &elsewhere),
            Answer::CannotTell(_)
        ));
    }

    #[test]
    fn a_guest_without_the_means_says_so() {
        let question = Question::FailedUnits { except: Vec::new() };
        let answer = question.judge(
            &mut Since::Boot,
            &output(127, "", "there is no systemctl in the guest\n"),
        );
        assert_eq!(
            answer,
            Answer::CannotTell("there is no systemctl in the guest".into())
        );
    }
}

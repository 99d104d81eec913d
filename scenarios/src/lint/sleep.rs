//! Finds commands that only let time pass.

use crate::finding::{Code, Diagnostic, Span};
use crate::step::Action;
use crate::value::Written;
use crate::watch::WatchKind;

/// Makes the finding about a step that only lets time pass.
pub(super) fn in_step(action: &Action<Written>) -> Option<Diagnostic> {
    let (text, at) = match action {
        Action::Run(run) => (run.command.template(), run.command.at()),
        Action::Type(text) if !text.secret => (text.text.template(), text.text.at()),
        Action::Serial(serial) if !serial.secret => {
            let send = serial.send.as_ref()?;
            (send.template(), send.at())
        }
        _ => return None,
    };
    sleeps(&text.written()).then(|| finding(at))
}

/// Makes the finding about a watch whose command only lets time pass.
pub(super) fn in_watch(kind: &WatchKind<Written>) -> Option<Diagnostic> {
    match kind {
        WatchKind::Command { command, .. } => {
            sleeps(&command.template().written()).then(|| finding(command.at()))
        }
        WatchKind::Serial(_)
        | WatchKind::Journal { .. }
        | WatchKind::Needle(_)
        | WatchKind::Reboots(_)
        | WatchKind::FailedUnits { .. }
        | WatchKind::Coredumps { .. }
        | WatchKind::Segfault { .. } => None,
    }
}

fn finding(at: &Span) -> Diagnostic {
    Diagnostic::new(
        Code::Sleep,
        at,
        "a sleep: too long on a fast machine, too short on a slow one",
    )
    .with_help(
        "wait for what the time is meant for: `see`, `gone`, `still`, `serial`, or a loop \
        `until ...; do sleep 1; done`",
    )
}

/// Returns true if a command line sleeps. A loop that checks something between its sleeps waits for an event, so it
/// does not count.
fn sleeps(command: &str) -> bool {
    let mut words = command
        .split(|c: char| c.is_whitespace() || ";&|(){}`\"'".contains(c))
        .filter(|word| !word.is_empty())
        .peekable();
    let mut in_loop = false;
    while let Some(word) = words.next() {
        match word {
            "while" | "until" => in_loop = true,
            "done" => in_loop = false,
            _ if word == "sleep" || word.ends_with("/sleep") => {
                let is_time = |time: &&str| {
                    time.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '$'))
                        || *time == "infinity"
                };
                if !in_loop && words.peek().is_some_and(is_time) {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_is_a_command_with_a_time() {
        for (command, expected) in [
            ("sleep 5", true),
            ("sleep 0.5s && true", true),
            ("/bin/sleep 10m", true),
            ("true; sleep $DELAY", true),
            ("sh -c 'sleep 3'", true),
            ("sleep infinity", true),
            ("until test -e /run/x; do sleep 1; done", false),
            ("until test -e /run/x; do sleep 1; done; sleep 2", true),
            ("systemctl is-active sleep.target", false),
            ("echo sleep well", false),
            ("sleep", false),
            ("sleeper 5", false),
        ] {
            assert_eq!(sleeps(command), expected, "{command}");
        }
    }
}

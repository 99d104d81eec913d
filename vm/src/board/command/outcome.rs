//! The words for a program that failed: its exit status and its last lines.

use std::{io, os::unix::process::ExitStatusExt, process::ExitStatus, time::Duration};

use super::{Ran, RunError, Tail};
use crate::board::{BoardFault, FaultKind};

/// The most lines, and characters, of the output of a program that a message shows.
const LINES: usize = 5;
const CHARACTERS: usize = 300;

/// Returns the output of a program that ended well. `what` names the program: "the power command".
///
/// # Errors
/// When it did not run to its end, or ended with another status than 0.
pub(super) fn ended_well(
    ran: Result<Ran, RunError>,
    what: &str,
    limit: Duration,
) -> Result<Ran, BoardFault> {
    let ran = ended(ran, what, limit)?;
    if ran.status.success() {
        return Ok(ran);
    }
    Err(failed(&ran, what))
}

/// Returns a program that ended with any status.
///
/// # Errors
/// When it did not run to its end, or `/bin/sh` did not find it.
pub(super) fn ended(
    ran: Result<Ran, RunError>,
    what: &str,
    limit: Duration,
) -> Result<Ran, BoardFault> {
    match ran {
        Ok(ran) if matches!(ran.status.code(), Some(126 | 127)) => Err(failed(&ran, what)),
        Ok(ran) => Ok(ran),
        Err(RunError::System(error)) => Err(not_started(&error, what)),
        Err(RunError::TookTooLong { stdout, stderr }) => {
            let words = format!(
                "{what} had not ended after {limit:?} and was ended{}",
                said(&stdout, &stderr)
            );
            Err(BoardFault::new(FaultKind::TimedOut, words)
                .advice("run the command by hand to see what it waits for, or give it more time"))
        }
    }
}

fn failed(ran: &Ran, what: &str) -> BoardFault {
    let kind = match ran.status.code() {
        // Statuses of `/bin/sh`: not executable, not found.
        Some(126 | 127) => FaultKind::Missing,
        _ => FaultKind::Refused,
    };
    let said = said(&ran.stdout, &ran.stderr);
    let has_no_space = ran.stderr.text().contains("No space left on device");
    let advice = if has_no_space {
        "the image does not fit: use a larger medium, or a smaller image"
    } else {
        "run the command by hand, in the same folder, to see the whole output"
    };
    let words = format!("{what} ended with {}{said}", status(ran.status));
    BoardFault::new(kind, words).advice(advice)
}

fn not_started(error: &io::Error, what: &str) -> BoardFault {
    let kind = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => FaultKind::Missing,
        _ => FaultKind::Refused,
    };
    BoardFault::new(kind, format!("{what} could not be run: {error}"))
        .advice("check the working folder of the command, and that it may be run")
}

fn status(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "an unknown status".to_owned(),
    }
}

/// Returns the last lines that were written, for the end of a sentence. Empty if there are none.
fn said(stdout: &Tail, stderr: &Tail) -> String {
    let lines = last_lines(&stderr.text());
    let lines = if lines.is_empty() {
        last_lines(&stdout.text())
    } else {
        lines
    };
    if lines.is_empty() {
        "; it wrote nothing".to_owned()
    } else {
        format!("; its last lines: {lines}")
    }
}

/// Returns the last lines of a text that are not empty, joined by ` | `, without control characters.
pub(crate) fn last_lines(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(plain)
        .filter(|line| !line.is_empty())
        .collect();
    let shown = lines[lines.len().saturating_sub(LINES)..].join(" | ");
    let over = shown.chars().count().saturating_sub(CHARACTERS);
    if over == 0 {
        return shown;
    }
    format!("…{}", shown.chars().skip(over).collect::<String>())
}

/// Returns a line without control characters and without blanks at its ends.
pub(crate) fn plain(line: &str) -> String {
    let line = line.replace(|character: char| character.is_control(), " ");
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_short_and_plain() {
        let rows = [
            ("", ""),
            ("one\n\n", "one"),
            ("a\nb\nc\nd\ne\nf\n", "b | c | d | e | f"),
            ("\x1b[31mred\x07\r\n", "[31mred"),
        ];
        for (text, expected) in rows {
            assert_eq!(last_lines(text), expected, "{text:?}");
        }
        let long = last_lines(&"é".repeat(10_000));
        assert_eq!(long.chars().count(), CHARACTERS + 1);
    }
}

//! A command for the guest's shell, and what its answer says.

use vm::{GuestExit, GuestOutput};

use super::TransferError;

/// The exit status of the scripts for a file that does not exist.
const ABSENT: i64 = 44;

/// A command for the guest's shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct ShellCall {
    /// The command line.
    pub line: String,
    /// Its standard input.
    pub stdin: Vec<u8>,
}

impl ShellCall {
    /// Makes the call of a script with these variables. The script begins with a comment that says what it does.
    pub(super) fn new(script: &str, variables: &[(&str, &str)], stdin: Vec<u8>) -> Self {
        let (head, body) = script.split_once('\n').unwrap_or((script, ""));
        let mut line = format!("{head}\n");
        for (name, value) in variables {
            line.push_str(&format!("{name}='{}'\n", value.replace('\'', r"'\''")));
        }
        line.push_str(body);
        Self { line, stdin }
    }
}

/// Returns the output of a script that did what it should.
pub(super) fn output_of(answer: &GuestOutput) -> Result<&[u8], TransferError> {
    match answer.exit {
        GuestExit::Code(0) if answer.stdout.is_cut() => Err(TransferError::Cut),
        GuestExit::Code(0) => Ok(answer.stdout.kept()),
        GuestExit::Code(ABSENT) => Err(TransferError::Absent(words(answer))),
        GuestExit::Code(_) | GuestExit::Signal(_) => Err(TransferError::Refused(words(answer))),
    }
}

/// Returns the first line that the guest wrote about its trouble.
fn words(answer: &GuestOutput) -> String {
    let text = String::from_utf8_lossy(answer.stderr.kept()).into_owned();
    let mut lines = text.lines().map(str::trim);
    match (lines.find(|line| !line.is_empty()), answer.exit) {
        (Some(line), _) => line.to_owned(),
        (None, GuestExit::Code(ABSENT)) => "it does not exist".to_owned(),
        (None, GuestExit::Code(status)) => format!("its shell ended with status {status}"),
        (None, GuestExit::Signal(signal)) => format!("its shell was ended by signal {signal}"),
    }
}

/// A line of `cksum`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) checksum: u32,
    pub(super) size: u64,
}

impl Sum {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self {
            checksum: crate::cksum::cksum(bytes),
            size: bytes.len() as u64,
        }
    }

    /// Reads a line of `cksum`.
    pub(super) fn read(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        Some(Self {
            checksum: words.next()?.parse().ok()?,
            size: words.next()?.parse().ok()?,
        })
    }
}

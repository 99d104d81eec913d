//! Prints the result of a command on stdout.

use std::io::{ErrorKind, Write};

use crate::failure::Failure;
use crate::visible::{visible, visible_in_colour};

/// Prints a line of the result.
///
/// # Errors
/// When it cannot be written. A closed pipe (`qa list | head -1`) is no error.
pub(super) fn print(line: &str) -> Result<(), Failure> {
    write_out(&visible(line))
}

/// Prints lines of the result, with their colours if `colour` is true.
///
/// # Errors
/// As [`print`].
pub(super) fn print_painted(lines: &str, colour: bool) -> Result<(), Failure> {
    write_out(&visible_in_colour(lines, colour))
}

/// Prints lines that contain control characters on purpose: the marks of sections in a log. The maker of the lines has
/// removed those of a guest.
///
/// # Errors
/// As [`print`].
pub(super) fn print_as_it_is(lines: &str) -> Result<(), Failure> {
    write_out(lines)
}

fn write_out(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::error(format!("cannot print: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Prints a line of JSON.
///
/// # Errors
/// As [`print`].
pub(super) fn print_json(value: &serde_json::Value) -> Result<(), Failure> {
    print(&value.to_string())
}

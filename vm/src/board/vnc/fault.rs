//! The faults of a VNC server, in words.

use std::io;

use vnc::VncError;

use crate::board::{BoardFault, FaultKind};

/// The longest part of a server's own words that is repeated, in characters.
const LONGEST: usize = 200;

/// Returns the name of a server in messages.
pub(super) fn source(address: &str) -> String {
    format!("the VNC server {address}")
}

/// Returns what a server said, on one line and not too long.
pub(super) fn quoted(words: &str) -> String {
    let printable = words
        .chars()
        .map(|char| if char.is_control() { ' ' } else { char });
    let short: String = printable.take(LONGEST).collect();
    format!("`{}`", short.trim())
}

/// The fault of a server that could not be reached.
pub(super) fn unreachable(source: &str, error: &io::Error) -> BoardFault {
    BoardFault::new(
        FaultKind::Unreachable,
        format!("{source} cannot be reached: {error}"),
    )
    .advice("check the address, and that the VNC server runs")
}

/// The fault of a server that was silent for this number of seconds.
pub(super) fn silent(source: &str, seconds: u64) -> BoardFault {
    BoardFault::new(
        FaultKind::TimedOut,
        format!("{source} did not answer within {seconds} s"),
    )
}

/// The fault of a connection that was lost.
pub(super) fn lost(source: &str, how: &str) -> BoardFault {
    BoardFault::new(
        FaultKind::Unreachable,
        format!("the connection to {source} was lost: {how}"),
    )
    .advice("it is made again; check the server if this does not end")
}

/// The fault of a server that speaks no VNC, or wrong.
pub(super) fn not_understood(source: &str, what: &str) -> BoardFault {
    BoardFault::new(FaultKind::NotUnderstood, format!("{source} {what}"))
}

/// The fault of a log-in that the crate reports. `was_asked` tells whether the server had asked for the password.
pub(super) fn of_log_in(source: &str, error: VncError, was_asked: bool) -> BoardFault {
    match error {
        VncError::NoPassword => denied(format!("{source} asks for a password, and none is given"))
            .advice("give its password"),
        VncError::WrongPassword => wrong_password(source),
        VncError::General(words) if was_asked => denied(format!(
            "{source} did not take the password: {}",
            quoted(&words)
        ))
        .advice("check the password"),
        VncError::IoError(_) if was_asked => denied(format!(
            "{source} closed the connection after the password was sent"
        ))
        .advice("check the password"),
        VncError::General(words) => refused(format!(
            "{source} refused the connection: {}",
            quoted(&words)
        )),
        VncError::IoError(error) => BoardFault::new(
            FaultKind::Unreachable,
            format!("{source} closed the connection before the log-in was done: {error}"),
        )
        .advice("check that it takes another connection now"),
        VncError::ConnectError | VncError::InvalidSecurityTyep(_) => {
            refused(format!("{source} offers no log-in that is known here"))
                .advice("let it offer the password of VNC, or none")
        }
        VncError::InvalidImageData => not_understood(
            source,
            "has a screen without pixels, or of more than 3840 x 2160",
        ),
        error => not_understood(source, &format!("was not understood: {error}")),
    }
}

fn wrong_password(source: &str) -> BoardFault {
    denied(format!("{source} did not take the password")).advice("check the password")
}

fn denied(words: String) -> BoardFault {
    BoardFault::new(FaultKind::Denied, words)
}

fn refused(words: String) -> BoardFault {
    BoardFault::new(FaultKind::Refused, words)
}

//! The address of a VNC server.

use crate::board::{BoardFault, FaultKind};

/// The port of display 0.
const FIRST_PORT: u16 = 5900;

/// The first number after the host that is a port, not a display.
const FIRST_NUMBER_OF_A_PORT: u16 = 100;

/// Returns the host and the port of an address: `host`, `host:1` (a display), `host:5901`, `host::5901`. A host that is
/// an IPv6 address stands in brackets.
pub(super) fn parse(text: &str) -> Result<(&str, u16), BoardFault> {
    let wrong = || {
        BoardFault::new(
            FaultKind::Unreachable,
            format!("`{text}` is no address of a VNC server"),
        )
        .advice("write it as `host:5901`, `host:1` for display 1, or `[::1]:5901`")
    };
    let (host, rest) = match text.strip_prefix('[') {
        Some(inner) => inner.split_once(']').ok_or_else(wrong)?,
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    if host.is_empty() || host.contains(char::is_whitespace) {
        return Err(wrong());
    }
    let number = |digits: &str| digits.parse::<u16>().map_err(|_| wrong());
    let port = if rest.is_empty() {
        FIRST_PORT
    } else if let Some(port) = rest.strip_prefix("::") {
        number(port)?
    } else {
        match number(rest.strip_prefix(':').ok_or_else(wrong)?)? {
            display @ 0..FIRST_NUMBER_OF_A_PORT => FIRST_PORT + display,
            port => port,
        }
    };
    Ok((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_number_is_a_display_and_a_large_one_a_port() {
        let rows = [
            ("kvm", Some(("kvm", 5900))),
            ("kvm:0", Some(("kvm", 5900))),
            ("kvm:1", Some(("kvm", 5901))),
            ("kvm:99", Some(("kvm", 5999))),
            ("kvm:100", Some(("kvm", 100))),
            ("kvm:5901", Some(("kvm", 5901))),
            ("kvm::5901", Some(("kvm", 5901))),
            ("kvm::1", Some(("kvm", 1))),
            ("10.0.0.7:5901", Some(("10.0.0.7", 5901))),
            ("[::1]", Some(("::1", 5900))),
            ("[::1]:2", Some(("::1", 5902))),
            ("[::1]::5901", Some(("::1", 5901))),
            ("", None),
            (":1", None),
            ("kvm:", None),
            ("kvm:x", None),
            ("kvm:70000", None),
            ("[::1", None),
            ("[::1]5901", None),
            ("a kvm:1", None),
        ];
        for (text, expected) in rows {
            assert_eq!(parse(text).ok(), expected, "{text}");
        }
    }
}

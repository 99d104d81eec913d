//! The address of QEMU's VNC server.

use std::net::{IpAddr, SocketAddr};

use qapi::qmp::VncInfo;

use crate::qemu::qmp::QmpError;

/// Returns the address in an answer of `query-vnc`. None if VNC is off.
///
/// # Errors
/// When the answer is not understood.
pub(super) fn address(answer: &VncInfo) -> Result<Option<SocketAddr>, QmpError> {
    if !answer.enabled {
        return Ok(None);
    }
    let host = answer.host.as_ref();
    let host = host.and_then(|host| host.parse::<IpAddr>().ok());
    let port = answer.service.as_ref();
    let port = port.and_then(|port| port.parse::<u16>().ok());
    match (host, port) {
        (Some(host), Some(port)) => Ok(Some(SocketAddr::new(host, port))),
        _ => Err(QmpError::UnexpectedAnswer {
            command: "query-vnc".to_owned(),
            reason: format!("no address in {answer:?}"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(answer: &str) -> Result<Option<SocketAddr>, QmpError> {
        address(&serde_json::from_str(answer).unwrap())
    }

    #[test]
    fn the_address_is_read_as_qemu_tells_it() {
        // QEMU 7.2.22, without a viewer and with one.
        let on = r#"{"enabled": true, "auth": "none", "family": "ipv4", "clients": [], "service": "5977",
            "host": "127.0.0.1"}"#;
        let watched = r#"{"enabled": true, "auth": "none", "family": "ipv4", "clients": [{"websocket": false,
            "host": "127.0.0.1", "service": "50401", "family": "ipv4"}], "service": "5977", "host": "127.0.0.1"}"#;
        let expected = SocketAddr::from(([127, 0, 0, 1], 5977));
        assert_eq!(read(on).unwrap(), Some(expected));
        assert_eq!(read(watched).unwrap(), Some(expected));
        assert_eq!(read(r#"{"enabled": false}"#).unwrap(), None);
        for odd in [
            r#"{"enabled": true}"#,
            r#"{"enabled": true, "host": "here", "service": "5901"}"#,
            r#"{"enabled": true, "host": "127.0.0.1", "service": "vnc"}"#,
        ] {
            assert!(read(odd).is_err(), "{odd}");
        }
    }
}

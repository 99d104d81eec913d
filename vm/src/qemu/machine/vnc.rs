//! Where QEMU's VNC server listens.

use std::net::{IpAddr, SocketAddr};

use serde_json::Value;

use crate::qemu::qmp::QmpError;

/// The address in an answer of `query-vnc`; none where VNC is off.
///
/// # Errors
/// When the answer is not understood.
pub(super) fn address(answer: &Value) -> Result<Option<SocketAddr>, QmpError> {
    if answer["enabled"] == Value::Bool(false) {
        return Ok(None);
    }
    let host = answer["host"]
        .as_str()
        .and_then(|host| host.parse::<IpAddr>().ok());
    let port = answer["service"]
        .as_str()
        .and_then(|port| port.parse::<u16>().ok());
    match (host, port) {
        (Some(host), Some(port)) => Ok(Some(SocketAddr::new(host, port))),
        _ => Err(QmpError::UnexpectedAnswer {
            command: "query-vnc".to_owned(),
            reason: format!("no address in {answer}"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_address_is_read_as_qemu_tells_it() {
        let on = json!({
            "enabled": true, "host": "127.0.0.1", "service": "5901", "family": "ipv4", "auth": "none", "clients": [],
        });
        let expected = SocketAddr::from(([127, 0, 0, 1], 5901));
        assert_eq!(address(&on).unwrap(), Some(expected));
        assert_eq!(address(&json!({"enabled": false})).unwrap(), None);
        for odd in [
            json!({}),
            json!({"enabled": true, "host": "here", "service": "5901"}),
            json!({"enabled": true, "host": "127.0.0.1", "service": "vnc"}),
        ] {
            assert!(address(&odd).is_err(), "{odd}");
        }
    }
}

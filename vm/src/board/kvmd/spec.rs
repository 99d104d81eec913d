//! The description of a network KVM.

use std::{fmt, time::Duration};

use crate::board::http::{Limits, Tls};

/// A network KVM with PiKVM's daemon `kvmd`.
#[derive(Clone, PartialEq, Eq)]
pub struct KvmdSpec {
    /// The address: `https://kvm7`.
    pub address: String,
    /// The name of the user.
    pub user: String,
    /// The password.
    pub password: String,
    /// The secret of two-factor authentication in base32, as the KVM printed it when it was set up. None if it is off.
    pub totp: Option<String>,
    /// The rule for the certificate.
    pub tls: Tls,
}

impl fmt::Debug for KvmdSpec {
    /// Leaves the secrets out. The address may contain some.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KvmdSpec")
            .field("user", &self.user)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

/// The time limits of a network KVM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KvmdLimits {
    /// Those of each request.
    pub(crate) http: Limits,
    /// The longest time that input waits for the WebSocket, for the keyboard, and for the answer to keys.
    pub(crate) input: Duration,
    /// The longest time of a press of a button of the board, with the time that the KVM is busy before it. The longest
    /// press takes six seconds and a half.
    pub(crate) press: Duration,
    /// The longest time from a press of a button to the change of the power LED.
    pub(crate) led: Duration,
    /// The longest time in which nothing of an upload is taken.
    pub(crate) upload: Duration,
    /// The time between two pings, and between two looks at a state.
    pub(crate) ping: Duration,
    /// The longest time without an answer to a ping.
    pub(crate) pong: Duration,
    /// The shortest and the longest time between two attempts to open the WebSocket.
    pub(crate) again: [Duration; 2],
}

impl Default for KvmdLimits {
    fn default() -> Self {
        Self {
            http: Limits::default(),
            input: Duration::from_secs(10),
            press: Duration::from_secs(20),
            led: Duration::from_secs(10),
            upload: Duration::from_secs(60),
            ping: Duration::from_secs(5),
            pong: Duration::from_secs(15),
            again: [Duration::from_millis(200), Duration::from_secs(5)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let spec = KvmdSpec {
            address: "https://me:secret@kvm7".to_owned(),
            user: "me".to_owned(),
            password: "secret".to_owned(),
            totp: Some("SECRET".to_owned()),
            tls: Tls::System,
        };
        assert!(!format!("{spec:?}").to_lowercase().contains("secret"));
    }
}

//! The description of a VNC server.

use std::fmt;

/// A VNC server that shows a board, and how to log in.
#[derive(Clone, PartialEq, Eq)]
pub struct VncSpec {
    /// The host and the port: `host:5901`, `host::5901` or `[::1]:5901`. A number below 100 is a display: `host:1` is
    /// port 5901. Without a number it is port 5900.
    pub address: String,
    /// A user name. The authentication of VNC itself knows no names, so it is not sent.
    pub username: Option<String>,
    /// The password. VNC uses its first 8 bytes.
    pub password: Option<String>,
}

impl fmt::Debug for VncSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VncSpec")
            .field("address", &self.address)
            .field("username", &self.username)
            .field("password", &self.password.as_ref().map(|_| "•••"))
            .finish()
    }
}

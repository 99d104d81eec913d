//! The screen and the input of a board over VNC (RFB 3.3, 3.7 and 3.8), by the crate `vnc-rs`.
//!
//! ```text
//! VncScreen --+                        .--> Look: what was asked for, what has come, the canvas
//!             +--> connection task ----+--> Hands: which keys and buttons are down
//! VncInput  --+     (reconnects)       '--> VncClient of the crate <--> server
//! ```
//!
//! A picture must show nothing older than the call that asked for it. A VNC server answers an incremental request only
//! when something changes, so its silence proves nothing. And the crate does not tell where an answer ends. So each
//! look asks for the whole screen, not incrementally. A server must answer such a request at once, with every pixel.
//! The picture is whole when each pixel has come once after the request. So a look costs the pixels of one screen. They
//! come uncompressed from this host, and compressed (ZRLE) from others.

mod address;
mod canvas;
mod connection;
mod fault;
mod handles;
mod hands;
mod keysym;
mod look;
mod open;
mod session;
mod spec;

#[cfg(test)]
mod fake_server;
#[cfg(test)]
#[cfg(feature = "real-machines")]
mod real_qemu;
#[cfg(test)]
mod tests;

use tokio::sync::mpsc;

use super::BoardFault;
pub(crate) use handles::{VncInput, VncScreen};
pub use spec::VncSpec;

/// Connects to a VNC server, and logs in. The connection is kept, and made again when it was lost, until both handles
/// are dropped.
///
/// # Errors
/// `Unreachable` if nothing listens there, `Denied` if the password is wrong or missing, `TimedOut` if the server is
/// silent for 5 seconds, `Refused` if it turns the connection away, `NotUnderstood` if it is no VNC server.
pub(crate) async fn connect(spec: &VncSpec) -> Result<(VncScreen, VncInput), BoardFault> {
    let opened = open::open(spec).await?;
    let (requests, queue) = mpsc::channel(16);
    tokio::spawn(connection::keep(spec.clone(), opened, queue));
    let source = fault::source(&spec.address);
    Ok((
        VncScreen::new(source.clone(), requests.clone()),
        VncInput::new(source, requests),
    ))
}

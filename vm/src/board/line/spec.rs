//! The sources of a serial line, and how one is opened.

use std::{path::PathBuf, time::Duration};

use tokio::time::timeout;

use super::{command, device, remote_port, stream::LineStream, tcp};
use crate::board::{BoardFault, FaultKind};

/// The longest time in which a line must be open.
const LIMIT: Duration = Duration::from_secs(10);

/// The source of a serial line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineSpec {
    /// A TCP port whose bytes are those of the line, as ser2net's `raw`.
    Tcp {
        /// The host and the port: `lab:4001`, `192.0.2.7:4001`, `[2001:db8::7]:4001`.
        address: String,
    },
    /// A TCP port that speaks telnet with settings of the line (RFC 2217), as the exporters of labgrid.
    Rfc2217 {
        /// The host and the port, as above.
        address: String,
        /// The speed of the line in baud.
        speed: u32,
    },
    /// A serial device of this host, with 8 data bits, no parity, 1 stop bit, no flow control.
    Device {
        /// The device. A name in `/dev/serial/by-id` stays the same when the device is connected again.
        path: PathBuf,
        /// The speed of the line in baud. Any speed that the device can do.
        speed: u32,
    },
    /// A command whose standard input and output are the line.
    Command {
        /// The line for `sh -c`. It runs in a process group of its own, with the environment of this program.
        line: String,
        /// Its working folder. None for that of this process.
        folder: Option<PathBuf>,
    },
}

impl LineSpec {
    /// Opens the line. Waits at most 10 seconds.
    ///
    /// # Errors
    /// When the source cannot be reached, refuses, or does not understand.
    pub(crate) async fn open(&self) -> Result<LineStream, BoardFault> {
        self.open_within(LIMIT).await
    }

    pub(super) async fn open_within(&self, limit: Duration) -> Result<LineStream, BoardFault> {
        let opening = async {
            match self {
                Self::Tcp { address } => {
                    let (read, write) = tcp::connect(address).await?.into_split();
                    Ok(LineStream::new(read, write))
                }
                Self::Rfc2217 { address, speed } => remote_port::open(address, *speed).await,
                Self::Device { path, speed } => device::open(path, *speed).await,
                Self::Command { line, folder } => command::open(line, folder.as_deref()).await,
            }
        };
        timeout(limit, opening)
            .await
            .unwrap_or_else(|_| Err(self.took_too_long(limit)))
    }

    /// Returns the name of the line in messages. A command is shown by its program only: its arguments may have a
    /// password.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Tcp { address } | Self::Rfc2217 { address, .. } => tcp::name(address),
            Self::Device { path, .. } => device::name(path),
            Self::Command { line, .. } => command::name(line),
        }
    }

    fn took_too_long(&self, limit: Duration) -> BoardFault {
        let (name, limit) = (self.name(), limit.as_secs_f32());
        let words = match self {
            Self::Tcp { .. } => format!("{name} did not answer within {limit} s"),
            Self::Rfc2217 { .. } => format!(
                "{name} did not answer the request to set its speed (RFC 2217) within {limit} s"
            ),
            Self::Device { .. } => format!("{name} could not be opened within {limit} s"),
            Self::Command { .. } => format!("{name} did not start within {limit} s"),
        };
        let advice = match self {
            Self::Tcp { .. } => "check that the host is on, and that no firewall is between",
            Self::Rfc2217 { .. } => {
                "if the port has the bytes of the line alone (ser2net's `raw`), configure the line as `tcp`"
            }
            Self::Device { .. } => "disconnect the serial adapter, and connect it again",
            Self::Command { .. } => "run the command by hand to see what it waits for",
        };
        BoardFault::new(FaultKind::TimedOut, words).advice(advice)
    }
}

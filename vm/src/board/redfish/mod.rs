//! Power of a server, by DMTF's Redfish.
//!
//! A service answers before it has done something, and some services answer and do nothing. So each change of the power
//! is over only when the service shows the new state.

mod client;
mod power;
mod system;

#[cfg(test)]
mod fake_bmc;
#[cfg(test)]
mod tests;

use std::{fmt, time::Duration};

use tokio::time::Instant;

use super::{BoardFault, FaultKind, Tls};
use client::Client;

/// The time between two looks at a state that should change.
const PAUSE: Duration = Duration::from_millis(500);

/// A Redfish service, and the system that it controls.
#[derive(Clone, PartialEq, Eq)]
pub struct RedfishSpec {
    /// The address, as `https://bmc`. It is HTTPS if it names no protocol. A path names the root of the service, if
    /// that is not `/redfish/v1`.
    pub address: String,
    /// The user name.
    pub user: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// The id of the system. None for the only one.
    pub system: Option<String>,
    /// The rule by which its certificate is checked.
    pub tls: Tls,
    /// The longest time until a change of power is seen. See [`LIMIT`](Self::LIMIT).
    pub limit: Duration,
}

impl RedfishSpec {
    /// The usual limit of a change.
    pub const LIMIT: Duration = Duration::from_secs(60);
}

impl fmt::Debug for RedfishSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedfishSpec")
            .field("address", &self.address)
            .field("user", &self.user)
            .field("password", &self.password.as_ref().map(|_| "•••"))
            .field("system", &self.system)
            .field("tls", &self.tls)
            .field("limit", &self.limit)
            .finish()
    }
}

/// The control of one system by a Redfish service.
#[derive(Debug)]
pub struct Redfish {
    client: Client,
    system: Option<String>,
    limit: Duration,
    /// The time between two looks at a state.
    pause: Duration,
}

impl Redfish {
    /// Prepares to use a service. Asks nothing yet.
    ///
    /// # Errors
    /// `Unreachable` if the address is none, `Missing` if the certificates cannot be read.
    pub fn new(spec: &RedfishSpec) -> Result<Self, BoardFault> {
        Ok(Self {
            client: Client::new(spec)?,
            system: spec.system.clone(),
            limit: spec.limit,
            pause: PAUSE,
        })
    }

    /// Looks at a state until it is as wanted. `look` returns none then, and otherwise the state in words. A service
    /// that does not answer for a while is asked again. `done` is what the service was asked to do.
    async fn until<F>(&self, done: &str, mut look: impl FnMut() -> F) -> Result<(), BoardFault>
    where
        F: Future<Output = Result<Option<String>, BoardFault>>,
    {
        let end = Instant::now() + self.limit;
        loop {
            let fault = match look().await {
                Ok(None) => return Ok(()),
                Ok(Some(state)) => self.lie(done, &state),
                Err(fault) => match fault.kind {
                    FaultKind::Unreachable
                    | FaultKind::TimedOut
                    | FaultKind::Refused
                    | FaultKind::NoResource
                    | FaultKind::NoSignal => fault,
                    FaultKind::Missing
                    | FaultKind::Denied
                    | FaultKind::Held
                    | FaultKind::NotUnderstood => return Err(fault),
                },
            };
            if Instant::now() + self.pause > end {
                return Err(fault);
            }
            tokio::time::sleep(self.pause).await;
        }
    }

    fn lie(&self, done: &str, state: &str) -> BoardFault {
        let source = self.client.source();
        let seconds = self.limit.as_secs_f32();
        BoardFault::new(
            FaultKind::TimedOut,
            format!("{source} took the request to {done}, but after {seconds} s {state}"),
        )
        .advice("look at the server itself, and allow more time if it is slow")
    }
}

//! The connection to a network KVM.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use tokio::time::sleep;

use super::{
    KvmdInput, KvmdScreen, KvmdSpec,
    api::{Api, Refusal},
    socket::Socket,
    spec::KvmdLimits,
};
use crate::board::{BoardFault, FaultKind};

/// The time between two attempts while the KVM is busy.
pub(super) const LOOK: Duration = Duration::from_millis(100);

/// A network KVM with PiKVM's daemon `kvmd`.
#[derive(Debug)]
pub(crate) struct Kvmd {
    pub(super) api: Api,
    socket: Arc<Socket>,
    version: String,
}

impl Kvmd {
    /// Connects to a kvmd. Proves that it is one, that name and password are right, and that its WebSocket opens.
    ///
    /// # Errors
    /// When one of these is not so.
    pub(crate) async fn connect(spec: &KvmdSpec) -> Result<Self, BoardFault> {
        Self::connect_within(spec, KvmdLimits::default(), SystemTime::now).await
    }

    pub(super) async fn connect_within(
        spec: &KvmdSpec,
        limits: KvmdLimits,
        clock: fn() -> SystemTime,
    ) -> Result<Self, BoardFault> {
        let api = Api::new(spec, limits, clock)?;
        api.get("/api/auth/check", &[]).await?;
        let info = api.get("/api/info", &[("fields", "system")]).await?;
        let version = info["system"]["kvmd"]["version"].as_str();
        let version = version.map(str::to_owned).ok_or_else(|| {
            let words = format!("{} tells no version of kvmd", api.name());
            BoardFault::new(FaultKind::NotUnderstood, words)
                .advice("check that the address is that of a KVM with PiKVM's kvmd")
        })?;
        let socket = Socket::start(api.clone());
        socket.first().await?;
        Ok(Self {
            api,
            socket,
            version,
        })
    }

    /// Returns the version of kvmd.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// Returns the screen of the board. It keeps the connection.
    pub(crate) fn screen(&self) -> KvmdScreen {
        KvmdScreen::new(self.api.clone(), self.socket.clone())
    }

    /// Returns the keyboard and the pointer of the board. They keep the connection.
    pub(crate) fn input(&self) -> KvmdInput {
        KvmdInput::new(self.api.clone(), self.socket.clone())
    }

    /// Connects the keyboard and the mouse to the board anew. After a restart of the board, some KVMs need that.
    ///
    /// # Errors
    /// When the KVM refuses.
    pub(crate) async fn reset_input(&self) -> Result<(), BoardFault> {
        let limit = self.api.limits.http.answer;
        self.api.post("/api/hid/reset", &[], limit).await?;
        Ok(())
    }

    /// Does something that the KVM does only when it is not busy. Waits for that, at most for `limit`.
    pub(super) async fn when_idle(
        &self,
        path: &str,
        query: &[(&str, &str)],
        limit: Duration,
    ) -> Result<(), BoardFault> {
        let begun = tokio::time::Instant::now();
        loop {
            match self.api.post(path, query, limit).await {
                Ok(_) => return Ok(()),
                Err(Refusal::Busy(_)) if begun.elapsed() < limit => sleep(LOOK).await,
                Err(Refusal::Busy(fault)) => {
                    let words = format!("{}, for {limit:?}: it is busy", fault.words);
                    return Err(BoardFault::new(FaultKind::TimedOut, words)
                        .advice("see in the web interface of the KVM what it does"));
                }
                Err(refusal) => return Err(refusal.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests;

//! The agent of a scripted machine.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use tokio::{sync::watch, time::sleep};

use super::{
    Script,
    clock::{ClockGone, ClockView},
    guest::Guest,
    request::{Gone, Request},
};
use crate::agent::{AgentError, GuestCommand, GuestOutput, LeftRunning, ShutdownMode};

/// The agent of a scripted machine. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct ScriptedAgent {
    script: Arc<Script>,
    guest: Guest,
    clock: ClockView,
    connected: watch::Receiver<bool>,
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
}

impl ScriptedAgent {
    pub(super) fn new(
        script: Arc<Script>,
        guest: Guest,
        clock: ClockView,
        connected: watch::Receiver<bool>,
    ) -> Self {
        Self {
            script,
            guest,
            clock,
            connected,
            files: Arc::default(),
        }
    }

    pub(crate) fn ping(&self) -> Result<(), AgentError> {
        if *self.connected.borrow() {
            Ok(())
        } else {
            Err(AgentError::NotConnected)
        }
    }

    pub(crate) async fn exec_while(
        &self,
        command: &GuestCommand,
        left: impl Fn() -> Duration,
    ) -> Result<GuestOutput, AgentError> {
        self.ping()?;
        let answer = self.script.answer_to(command);
        // By the clock of the script: a machine that is paused gets nowhere with it.
        let mut clock = self.clock.clone();
        let done = clock.now() + answer.after;
        let mut connected = self.connected.clone();
        loop {
            let left = left();
            tokio::select! {
                biased;
                reached = clock.reached(done) => {
                    reached.map_err(|ClockGone| AgentError::Gone)?;
                    return Ok(answer.output());
                }
                // An error means that the machine has ended.
                lost = connected.wait_for(|connected| !connected) => {
                    return Err(lost.map_or(AgentError::Gone, |_| AgentError::NotConnected));
                }
                () = sleep(left), if !left.is_zero() => {}
                () = std::future::ready(()), if left.is_zero() => {
                    return Err(AgentError::CommandTimedOut {
                        command: command.first_line(),
                        limit: command.timeout,
                        output: None,
                        left: LeftRunning::Processes(Vec::new()),
                    });
                }
            }
        }
    }

    pub(crate) fn set_time(&self, _now: SystemTime) -> Result<(), AgentError> {
        self.ping()
    }

    pub(crate) fn time(&self) -> Result<SystemTime, AgentError> {
        self.ping()?;
        Ok(SystemTime::now())
    }

    pub(crate) async fn shutdown(&self, mode: ShutdownMode) -> Result<(), AgentError> {
        self.ping()?;
        let asked = self.guest.request(Request::Shutdown(mode));
        asked.map_err(|Gone| AgentError::Gone)
    }

    pub(crate) fn read_file(&self, path: &str, limit: usize) -> Result<Vec<u8>, AgentError> {
        self.ping()?;
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let content = files.get(path).ok_or_else(|| AgentError::Refused {
            command: "guest-file-open".to_owned(),
            description: format!("failed to open file '{path}': No such file or directory"),
        })?;
        Ok(content.iter().take(limit).copied().collect())
    }

    pub(crate) fn write_file(&self, path: &str, content: &[u8]) -> Result<(), AgentError> {
        self.ping()?;
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.insert(path.to_owned(), content.to_owned());
        Ok(())
    }
}

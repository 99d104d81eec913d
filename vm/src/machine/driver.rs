use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{broadcast, watch},
    time::timeout,
};

use super::{
    Ending, MachineEvent, Power, RunState,
    translation::{Translation, stop_event, translate},
};
use crate::{
    AccelChoice,
    qemu::{Ended, QemuProcess},
    qmp::RawEvent,
};

/// Events that a slow receiver may be behind before it misses some.
const EVENTS_KEPT: usize = 1024;

/// How long the last events of an ended QEMU may take to be read: they are in the socket already.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The task that owns a machine's process: turns what QEMU says into [`MachineEvent`]s until it has ended.
///
/// ```text
/// QMP events --translate--> events of the machine
///   STOP -----query-status--^   ^
///   VSERPORT_CHANGE ------------+--> watch: agent connected
/// process ended ----------------+--> watch: ending, after every event before it
/// ```
#[derive(Debug)]
pub(super) struct Driver {
    process: QemuProcess,
    power: Power,
    accel: AccelChoice,
    raw: broadcast::Receiver<RawEvent>,
    events: broadcast::Sender<MachineEvent>,
    agent: watch::Sender<bool>,
    expected: Arc<AtomicBool>,
    stopped: bool,
}

/// What of the task the machine's handle keeps.
#[derive(Debug)]
pub(super) struct Driven {
    pub(super) events: broadcast::WeakSender<MachineEvent>,
    /// Some once the process is gone.
    pub(super) ending: watch::Receiver<Option<Ending>>,
    /// Set before the process is ended on request.
    pub(super) expected: Arc<AtomicBool>,
}

impl Driver {
    /// Starts the task. `agent` tells whether a guest agent has its channel open.
    pub(super) fn start(
        process: QemuProcess,
        power: Power,
        accel: AccelChoice,
        raw: broadcast::Receiver<RawEvent>,
        agent: watch::Sender<bool>,
    ) -> (Driven, broadcast::Receiver<MachineEvent>) {
        let (events, receiver) = broadcast::channel(EVENTS_KEPT);
        let (end, ending) = watch::channel(None);
        let expected = Arc::new(AtomicBool::new(false));
        let driven = Driven {
            events: events.downgrade(),
            ending,
            expected: Arc::clone(&expected),
        };
        let driver = Self {
            process,
            power,
            accel,
            raw,
            events,
            agent,
            expected,
            stopped: false,
        };
        tokio::spawn(async move {
            let ending = driver.run().await;
            end.send_replace(Some(ending));
        });
        (driven, receiver)
    }

    async fn run(mut self) -> Ending {
        let ended = loop {
            tokio::select! {
                raw = self.raw.recv() => match raw {
                    Ok(raw) => self.take(raw).await,
                    Err(broadcast::error::RecvError::Lagged(count)) => self.tell(MachineEvent::Missed(count)),
                    // The connection ended: QEMU ends as well, as nothing but its end closes it.
                    Err(broadcast::error::RecvError::Closed) => break self.process.ended().await,
                },
                ended = self.process.ended() => {
                    // What it said before its end comes before its end.
                    let _ = timeout(LAST_WORDS, self.drain()).await;
                    break ended;
                }
            }
        };
        self.finish(ended)
    }

    async fn drain(&mut self) {
        loop {
            match self.raw.recv().await {
                Ok(raw) => self.take(raw).await,
                Err(broadcast::error::RecvError::Lagged(count)) => {
                    self.tell(MachineEvent::Missed(count));
                }
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    async fn take(&mut self, raw: RawEvent) {
        match translate(raw) {
            Translation::Event(event) => self.tell(event),
            Translation::Stop => {
                self.stopped = true;
                // A QEMU that cannot say why any more is ending, which has an event of its own.
                let state = self.power.status().await.unwrap_or(RunState::Shutdown);
                if let Some(event) = stop_event(&state, &self.accel) {
                    self.tell(event);
                }
            }
            // The first one is the start of the machine, not the end of a stop.
            Translation::Resume => {
                if std::mem::take(&mut self.stopped) {
                    self.tell(MachineEvent::Resumed);
                }
            }
            Translation::Agent(open) => {
                if self.agent.send_replace(open) != open {
                    self.tell(if open {
                        MachineEvent::AgentConnected
                    } else {
                        MachineEvent::AgentDisconnected
                    });
                }
            }
        }
    }

    fn finish(self, ended: Ended) -> Ending {
        self.agent.send_replace(false);
        self.tell(MachineEvent::Exited {
            status: ended.exit_status(),
            stderr_tail: ended.stderr_tail.clone(),
            expected: self.expected.load(Ordering::Acquire),
        });
        Ending {
            status: ended.status,
            stderr_tail: ended.stderr_tail,
        }
    }

    fn tell(&self, event: MachineEvent) {
        // An error means that nobody listens.
        drop(self.events.send(event));
    }
}

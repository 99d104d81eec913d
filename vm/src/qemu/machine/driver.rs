//! The task that owns the process of a QEMU.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{broadcast, mpsc, oneshot, watch},
    time::{sleep, timeout},
};

use super::{
    tpm::Tpm,
    translation::{Translation, stop_event, translate},
};
use crate::{
    AccelChoice, Ending, Lost, MachineEvent, Power, RunState,
    qemu::{
        process::{Ended, QemuProcess},
        qmp::RawEvent,
    },
};

/// The number of events that a slow receiver may be behind before it misses some.
const EVENTS_KEPT: usize = 1024;

/// The longest time to read the last events of an ended QEMU: they are in the socket already.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The longest time that QEMU may take to end after it has closed its connection: it may write a core dump.
const FAREWELL: Duration = Duration::from_secs(5);

/// The task that owns a machine's process. Turns QEMU's events into [`MachineEvent`]s until QEMU has ended.
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
    settling: mpsc::Receiver<oneshot::Sender<()>>,
    tpm: Option<Tpm>,
}

/// The part of the task that the machine's handle keeps.
#[derive(Debug)]
pub(super) struct Driven {
    pub(super) events: broadcast::WeakSender<MachineEvent>,
    /// Some once the process is gone.
    pub(super) ending: watch::Receiver<Option<Ending>>,
    /// Set before the process is ended on request.
    pub(super) expected: Arc<AtomicBool>,
    /// Requests here are answered when every earlier event was told.
    pub(super) settling: mpsc::Sender<oneshot::Sender<()>>,
}

impl Driver {
    /// Starts the task. `agent` tells whether a guest agent has opened its channel. `tpm` ends with QEMU.
    pub(super) fn start(
        process: QemuProcess,
        tpm: Option<Tpm>,
        power: Power,
        accel: AccelChoice,
        raw: broadcast::Receiver<RawEvent>,
        agent: watch::Sender<bool>,
    ) -> (Driven, broadcast::Receiver<MachineEvent>) {
        let (events, receiver) = broadcast::channel(EVENTS_KEPT);
        let (end, ending) = watch::channel(None);
        let expected = Arc::new(AtomicBool::new(false));
        let (settle, settling) = mpsc::channel(1);
        let driven = Driven {
            events: events.downgrade(),
            ending,
            expected: Arc::clone(&expected),
            settling: settle,
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
            settling,
            tpm,
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
                // Events first: a request to settle is answered after all earlier events.
                biased;
                raw = self.raw.recv() => match raw {
                    Ok(raw) => self.take(raw).await,
                    Err(broadcast::error::RecvError::Lagged(count)) => self.tell(MachineEvent::Missed(count)),
                    Err(broadcast::error::RecvError::Closed) => break self.ended_with_its_connection().await,
                },
                ended = self.process.ended() => {
                    // Its last events come before its end.
                    let _ = timeout(LAST_WORDS, self.drain()).await;
                    break ended;
                }
                ended = tpm_ended(&mut self.tpm) => {
                    self.tpm = None;
                    // A TPM ends with its QEMU.
                    match timeout(LAST_WORDS, self.process.ended()).await {
                        Ok(ended) => break ended,
                        Err(_) => self.tell_broken(tpm_lost(&ended)),
                    }
                }
                Some(done) = self.settling.recv() => {
                    // The caller may have gone.
                    let _ = done.send(());
                }
            }
        };
        self.finish(ended)
    }

    /// Handles the end of the connection. Normally QEMU ends as well. A QEMU that goes on without it is of no use.
    ///
    /// No event comes any more, so every earlier one was told: whoever settles is answered. The pulse may wait for that
    /// with an answer that came just before the end.
    async fn ended_with_its_connection(&mut self) -> Ended {
        let farewell = sleep(FAREWELL);
        tokio::pin!(farewell);
        let mut is_told = false;
        loop {
            tokio::select! {
                biased;
                ended = self.process.ended() => return ended,
                Some(done) = self.settling.recv() => {
                    // The caller may have gone.
                    let _ = done.send(());
                }
                () = &mut farewell, if !is_told => {
                    is_told = true;
                    self.tell_broken(Lost {
                        what: "QEMU has closed its control connection (QMP), and goes on without it".to_owned(),
                        advice: "`qmp.log` shows what it was asked last".to_owned(),
                    });
                }
            }
        }
    }

    /// Tells that the machine is of no use any more, unless it is being ended.
    fn tell_broken(&self, lost: Lost) {
        if !self.expected.load(Ordering::Acquire) {
            self.tell(MachineEvent::Broken(lost));
        }
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
        match translate(&raw) {
            Translation::Event(event) => self.tell(event),
            Translation::Nothing => {}
            Translation::Stop => {
                self.stopped = true;
                // A QEMU that cannot report its state is ending, which has an event of its own.
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
        let ending = Ending {
            // A process without a known status counts as killed.
            status: Some(ended.exit_status()),
            stderr_tail: ended.stderr_tail,
        };
        self.tell(MachineEvent::Exited {
            ending: ending.clone(),
            expected: self.expected.load(Ordering::Acquire),
        });
        ending
    }

    fn tell(&self, event: MachineEvent) {
        // An error means that nobody listens.
        drop(self.events.send(event));
    }
}

/// Waits for the end of the TPM. Waits for ever if there is none.
async fn tpm_ended(tpm: &mut Option<Tpm>) -> Ended {
    match tpm {
        Some(tpm) => tpm.ended().await,
        None => std::future::pending().await,
    }
}

fn tpm_lost(ended: &Ended) -> Lost {
    let words = match ended.stderr_tail.lines().next_back() {
        Some(line) => format!("; its last words: {line}"),
        None => String::new(),
    };
    Lost {
        what: format!(
            "the machine's TPM (swtpm) ended by itself ({}){words}",
            ended.exit_status()
        ),
        advice: "`swtpm.log` has what it wrote; without it the guest waits for its TPM in vain"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::{os::unix::process::ExitStatusExt, process::Command};

    use rustix::process::Signal;

    use super::*;
    use crate::{
        Arch, EventOrigin, MachineSpec, Offers,
        qemu::{
            QemuPower,
            command_line::AGENT_PORT,
            process::Killer,
            qmp::{QmpLog, fake::FakeQemu},
        },
    };

    fn power_of(qmp: crate::qemu::qmp::Qmp) -> Power {
        let spec = MachineSpec::desktop(Arch::X86_64);
        Power::of_qemu(QemuPower::new(qmp), spec.capabilities(Offers::default()))
    }

    /// A process that does nothing, with a QMP server that follows the test.
    struct Bench {
        qemu: FakeQemu,
        killer: Killer,
        driven: Driven,
        events: broadcast::Receiver<MachineEvent>,
        agent: watch::Receiver<bool>,
    }

    impl Bench {
        async fn start(accel: AccelChoice) -> Self {
            Self::start_with(None, accel).await
        }

        async fn start_with(tpm: Option<Tpm>, accel: AccelChoice) -> Self {
            let (qmp, raw, qemu) = FakeQemu::connected().await;
            let mut command = Command::new("/bin/sleep");
            command.arg("1000");
            let process = QemuProcess::start(command, Vec::new(), QmpLog::nowhere())
                .await
                .unwrap();
            let killer = process.killer().unwrap();
            let (open, agent) = watch::channel(false);
            let (driven, events) = Driver::start(process, tpm, power_of(qmp), accel, raw, open);
            Self {
                qemu,
                killer,
                driven,
                events,
                agent,
            }
        }

        async fn says(&mut self, event: &str, data: &str) {
            let line = format!("{{\"event\": \"{event}\", \"data\": {data}}}\n");
            self.qemu.say(&line).await;
        }

        async fn stops(&mut self, state: &str) {
            self.says("STOP", "{}").await;
            let answer = format!("{{\"status\": \"{state}\"}}");
            self.qemu.answer("query-status", &answer).await;
        }
    }

    fn tcg() -> AccelChoice {
        AccelChoice::Tcg {
            because: "a test".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_failed_accelerator_is_told_at_once_with_advice() {
        let mut bench = Bench::start(AccelChoice::Kvm).await;
        bench.stops("internal-error").await;
        match bench.events.recv().await.unwrap() {
            MachineEvent::InternalError { advice } => {
                assert!(advice.contains("`accel: tcg`"), "{advice}");
            }
            event => panic!("{event:?}"),
        }
    }

    #[tokio::test]
    async fn stops_are_told_when_nothing_else_explains_them_and_so_are_their_ends() {
        let mut bench = Bench::start(tcg()).await;
        // The start of the machine.
        bench.says("RESUME", "{}").await;
        bench.stops("paused").await;
        bench.says("RESUME", "{}").await;
        bench
            .says(
                "SHUTDOWN",
                "{\"guest\": true, \"reason\": \"guest-shutdown\"}",
            )
            .await;
        bench.stops("shutdown").await;
        bench.says("POWERDOWN", "{}").await;
        let expected = [
            MachineEvent::Stopped,
            MachineEvent::Resumed,
            MachineEvent::Shutdown {
                by: EventOrigin::Guest,
                reason: "guest-shutdown".to_owned(),
            },
            MachineEvent::PowerButton,
        ];
        for event in expected {
            assert_eq!(bench.events.recv().await.unwrap(), event);
        }
    }

    async fn broken(bench: &mut Bench) -> String {
        match bench.events.recv().await.unwrap() {
            MachineEvent::Broken(lost) => lost.what,
            event => panic!("{event:?}"),
        }
    }

    #[tokio::test]
    async fn a_tpm_that_ends_before_its_machine_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (line, _its_end) = std::os::unix::net::UnixStream::pair().unwrap();
        let program = std::path::Path::new("/bin/false");
        let tpm = Tpm::start(program, folder.path(), &line, QmpLog::nowhere()).await;
        let mut bench = Bench::start_with(Some(tpm.unwrap()), tcg()).await;
        let what = broken(&mut bench).await;
        assert_eq!(
            what,
            "the machine's TPM (swtpm) ended by itself (exit status: 1)"
        );
    }

    #[tokio::test]
    async fn a_qemu_that_goes_on_without_its_connection_is_told() {
        let mut bench = Bench::start(tcg()).await;
        let (other, _events, qemu) = FakeQemu::connected().await;
        drop(other);
        drop(std::mem::replace(&mut bench.qemu, qemu));
        let what = broken(&mut bench).await;
        assert!(what.starts_with("QEMU has closed its control connection"));
    }

    #[tokio::test]
    async fn who_settles_is_answered_also_after_the_connection_has_ended() {
        let mut bench = Bench::start(tcg()).await;
        let (other, _events, qemu) = FakeQemu::connected().await;
        drop(other);
        drop(std::mem::replace(&mut bench.qemu, qemu));
        // The connection has ended when this is told.
        broken(&mut bench).await;
        let (done, settled) = tokio::sync::oneshot::channel();
        bench.driven.settling.send(done).await.unwrap();
        let answered = timeout(FAREWELL, settled).await;
        assert!(matches!(answered, Ok(Ok(()))), "{answered:?}");
    }

    #[tokio::test]
    async fn who_settles_has_heard_of_all_events_before() {
        let mut bench = Bench::start(tcg()).await;
        for _ in 0..100 {
            bench.says("POWERDOWN", "{}").await;
        }
        // The answer to a command comes behind them.
        bench.stops("paused").await;
        let (done, settled) = tokio::sync::oneshot::channel();
        while bench.events.len() < 100 {
            tokio::task::yield_now().await;
        }
        bench.driven.settling.send(done).await.unwrap();
        settled.await.unwrap();
        assert_eq!(bench.events.len(), 101);
    }

    #[tokio::test]
    async fn the_agent_comes_and_goes_once_each() {
        let mut bench = Bench::start(tcg()).await;
        for open in [true, true, false, false] {
            let data = format!("{{\"id\": \"{AGENT_PORT}\", \"open\": {open}}}");
            bench.says("VSERPORT_CHANGE", &data).await;
        }
        bench.says("POWERDOWN", "{}").await;
        for event in [
            MachineEvent::AgentConnected,
            MachineEvent::AgentDisconnected,
            MachineEvent::PowerButton,
        ] {
            assert_eq!(bench.events.recv().await.unwrap(), event);
        }
        assert!(!*bench.agent.borrow());
    }

    #[tokio::test]
    async fn the_end_comes_after_everything_that_was_said_before() {
        for expected in [false, true] {
            let Bench {
                mut qemu,
                killer,
                mut driven,
                mut events,
                mut agent,
            } = Bench::start(tcg()).await;
            qemu.say("{\"event\": \"RESET\", \"data\": {\"guest\": true, \"reason\": \"guest-reset\"}}\n")
                .await;
            driven.expected.store(expected, Ordering::Release);
            killer.signal(Signal::KILL);
            drop(qemu);
            let reset = MachineEvent::Reset {
                by: EventOrigin::Guest,
                reason: "guest-reset".to_owned(),
                at: None,
            };
            assert_eq!(events.recv().await.unwrap(), reset);
            match events.recv().await.unwrap() {
                MachineEvent::Exited {
                    ending,
                    expected: told,
                } => assert_eq!((ending.signal(), told), (Some(9), expected)),
                event => panic!("{event:?}"),
            }
            assert!(events.recv().await.is_err());
            let ending = driven
                .ending
                .wait_for(Option::is_some)
                .await
                .unwrap()
                .clone();
            assert_eq!(ending.unwrap().status.unwrap().signal(), Some(9));
            while agent.changed().await.is_ok() {}
            assert!(driven.events.upgrade().is_none());
        }
    }
}

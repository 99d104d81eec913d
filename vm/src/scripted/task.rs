//! The task that follows the script of a machine.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    sync::{broadcast, mpsc, watch},
};

use super::{
    Effect, Script, Trigger,
    clock::{Clock, ClockView},
    guest::{Guest, GuestState, lock, no_picture},
    request::{IsOff, PowerRequest, Request},
};
use crate::{
    Ending, EventOrigin, KeyName, MachineEvent, RunState,
    agent::ShutdownMode,
    input::{Button, InputEvent},
};

/// The task that follows the script. It alone tells events, and it tells the end of the machine once.
#[derive(Debug)]
pub(super) struct ScriptTask {
    script: Arc<Script>,
    serial: DuplexStream,
    events: broadcast::Sender<MachineEvent>,
    agent: watch::Sender<bool>,
    state: Arc<Mutex<GuestState>>,
    clock: Clock,
    time: ClockView,
    /// The effects that follow, one after the other.
    /// The number of restarts since the machine was switched on.
    starts: u32,
    effects: VecDeque<Effect>,
    /// The keys that went down since a rule for several keys was met last.
    keys: Vec<KeyName>,
    /// The bytes that arrived on the serial line since the last end of a line.
    line: Vec<u8>,
    /// The end of the wait that is under way, by the clock of the script.
    until: Option<Duration>,
    tells_resets: bool,
}

/// The ends of a machine that its task shares with the handles.
#[derive(Debug)]
pub(super) struct TaskLinks {
    /// The guest's end of the serial line.
    pub(super) serial: DuplexStream,
    pub(super) events: broadcast::Sender<MachineEvent>,
    /// Tells whether the agent is connected.
    pub(super) agent: watch::Sender<bool>,
    /// True ends the machine, and so does its sender when it is dropped.
    pub(super) cut: watch::Receiver<bool>,
    /// Gets the ending after everything else is over.
    pub(super) ending: watch::Sender<Option<Ending>>,
    /// False if restarts are no events, as with a board that has nothing to report them.
    pub(super) tells_resets: bool,
}

/// The reason why the script is not followed any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The script says so.
    Scripted,
    /// No handle is left.
    Dropped,
}

impl ScriptTask {
    /// Starts the task. Returns the guest that it drives, and the clock of its script.
    pub(super) fn start(script: Arc<Script>, links: TaskLinks) -> (Guest, ClockView) {
        let TaskLinks {
            serial,
            events,
            agent,
            mut cut,
            ending,
            tells_resets,
        } = links;
        let (requests, mut queue) = mpsc::unbounded_channel();
        let state = Arc::new(Mutex::new(GuestState::at_start()));
        let guest = Guest::new(requests, Arc::clone(&state));
        let (clock, time) = Clock::start();
        let mut task = Self {
            effects: script.start(0).cloned().collect(),
            starts: 0,
            script,
            serial,
            events,
            agent,
            state,
            clock,
            time: time.clone(),
            keys: Vec::new(),
            line: Vec::new(),
            until: None,
            tells_resets,
        };
        tokio::spawn(async move {
            let end = tokio::select! {
                // An error means that the machine was dropped: that is an end on request as well.
                _ = cut.wait_for(|cut| *cut) => End::Dropped,
                end = task.follow(&mut queue) => end,
            };
            // Before the end is told: whoever hears of it finds every handle closed.
            drop(queue);
            let told = Ending {
                status: None,
                stderr_tail: String::new(),
            };
            task.end(&told, end == End::Dropped);
            ending.send_replace(Some(told));
        });
        (guest, time)
    }

    /// Follows the script to its end.
    async fn follow(&mut self, requests: &mut mpsc::UnboundedReceiver<Request>) -> End {
        let mut bytes = [0; 4096];
        loop {
            // Requests first: one that was made before an effect is seen before it.
            while let Ok(request) = requests.try_recv() {
                self.take(request);
            }
            let runs = !self.stands_still();
            if runs
                && self.until.is_none()
                && let Some(effect) = self.effects.pop_front()
            {
                if let Some(end) = self.carry_out(effect).await {
                    return end;
                }
                continue;
            }
            let until = self.until.unwrap_or_default();
            tokio::select! {
                // The clock belongs to this task: it cannot be gone.
                _ = self.time.reached(until), if self.until.is_some() => self.until = None,
                request = requests.recv() => match request {
                    Some(request) => self.take(request),
                    None => return End::Dropped,
                },
                read = self.serial.read(&mut bytes) => match read {
                    Ok(length @ 1..) => self.receive(&bytes[..length]),
                    // The other end was dropped.
                    Ok(0) | Err(_) => return End::Dropped,
                },
            }
        }
    }

    /// Carries out one effect. Returns an end if that ends the machine.
    async fn carry_out(&mut self, effect: Effect) -> Option<End> {
        match effect {
            Effect::Wait(time) => self.until = Some(self.time.now() + time),
            Effect::Show(picture) => lock(&self.state).picture = Ok(picture),
            Effect::ShowNothing(reason) => lock(&self.state).picture = Err(no_picture(&reason)),
            Effect::Write(bytes) => {
                if self.serial.write_all(&bytes).await.is_err() {
                    return Some(End::Dropped);
                }
            }
            Effect::ConnectAgent => {
                if !self.agent.send_replace(true) {
                    self.tell(MachineEvent::AgentConnected);
                }
            }
            Effect::DisconnectAgent => self.disconnect_agent(),
            Effect::Restart(by) => self.restart(by),
            Effect::PowerOff => {
                self.disconnect_agent();
                self.enter(RunState::Shutdown);
                self.tell(MachineEvent::Shutdown {
                    by: EventOrigin::Guest,
                    reason: "guest-shutdown".to_owned(),
                });
            }
            Effect::Panic => {
                self.enter(RunState::Panicked);
                self.tell(MachineEvent::Panicked);
            }
            Effect::Suspend => {
                lock(&self.state).run = RunState::Suspended;
                self.tell(MachineEvent::Suspended);
            }
            Effect::Wake => {
                lock(&self.state).run = RunState::Running;
                self.tell(MachineEvent::WokeUp);
            }
            Effect::End => return Some(End::Scripted),
        }
        None
    }

    fn take(&mut self, request: Request) {
        match request {
            Request::Input(event) => self.input(event),
            Request::Shutdown(ShutdownMode::PowerOff) => self.trigger(&Trigger::AgentShutdown),
            Request::Shutdown(ShutdownMode::Reboot) => self.trigger(&Trigger::AgentRestart),
            Request::Power(request, answer) => {
                let done = self.operate(request);
                // The one who asked may have gone.
                let _ = answer.send(done);
            }
        }
    }

    fn operate(&mut self, request: PowerRequest) -> Result<(), IsOff> {
        match request {
            PowerRequest::PressButton => {
                self.tell(MachineEvent::PowerButton);
                self.trigger(&Trigger::PowerButton);
            }
            PowerRequest::Reset => {
                // A machine that stands still is reset, and goes on standing still.
                let stood_still = self.stands_still();
                self.restart(EventOrigin::Host);
                if stood_still {
                    self.pause();
                }
                self.trigger(&Trigger::ResetButton);
            }
            PowerRequest::SwitchOn => {
                let stood_still = self.stands_still();
                self.restart(EventOrigin::Host);
                self.resume(stood_still);
            }
            PowerRequest::Pause => {
                if !self.stands_still() {
                    self.pause();
                    self.tell(MachineEvent::Stopped);
                }
            }
            PowerRequest::Resume => {
                if lock(&self.state).run == RunState::Shutdown {
                    return Err(IsOff);
                }
                let stood_still = self.stands_still();
                let panicked = lock(&self.state).run == RunState::Panicked;
                if panicked {
                    lock(&self.state).run = RunState::Running;
                }
                self.resume(stood_still);
            }
        }
        Ok(())
    }

    /// Returns whether the machine does nothing now: it is paused, off, or has panicked.
    fn stands_still(&self) -> bool {
        let state = lock(&self.state);
        state.is_paused || matches!(state.run, RunState::Shutdown | RunState::Panicked)
    }

    fn pause(&mut self) {
        lock(&self.state).is_paused = true;
        self.clock.stop();
    }

    /// Lets the machine go on, and tells so if it stood still.
    fn resume(&mut self, stood_still: bool) {
        lock(&self.state).is_paused = false;
        self.clock.resume();
        if stood_still {
            self.tell(MachineEvent::Resumed);
            self.trigger(&Trigger::Resumed);
        }
    }

    fn input(&mut self, event: InputEvent) {
        match event {
            InputEvent::Key { key, down: true } => {
                self.keys.push(key);
                self.trigger(&Trigger::Key(key));
                self.trigger_keys();
            }
            InputEvent::Button {
                button: Button::Pointer(button),
                down: true,
            } => self.trigger(&Trigger::Click(button)),
            InputEvent::Button {
                button: Button::Wheel(_),
                down: true,
            } => self.trigger(&Trigger::Wheel),
            InputEvent::Move { .. } => self.trigger(&Trigger::Move),
            InputEvent::Key { down: false, .. } | InputEvent::Button { down: false, .. } => {}
        }
    }

    /// Returns whether there is a guest that reacts: none where the machine is off or its kernel has panicked.
    fn reacts(&self) -> bool {
        !matches!(
            lock(&self.state).run,
            RunState::Shutdown | RunState::Panicked
        )
    }

    /// Queues the effects of a trigger.
    fn trigger(&mut self, met: &Trigger) {
        if !self.reacts() {
            return;
        }
        let script = Arc::clone(&self.script);
        let rules = script.rules().iter();
        for (_, effects) in rules.filter(|(trigger, _)| trigger == met) {
            self.effects.extend(effects.iter().cloned());
        }
    }

    /// Queues the effects of keys that went down one after the other.
    fn trigger_keys(&mut self) {
        if !self.reacts() {
            return;
        }
        let script = Arc::clone(&self.script);
        for (trigger, effects) in script.rules() {
            if let Trigger::Keys(keys) = trigger
                && self.keys.ends_with(keys)
            {
                self.keys.clear();
                self.effects.extend(effects.iter().cloned());
                return;
            }
        }
    }

    /// Takes bytes from the serial line.
    fn receive(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if byte == b'\r' || byte == b'\n' {
                let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
                self.trigger(&Trigger::Line(line));
            } else {
                self.line.push(byte);
            }
        }
    }

    /// Starts from the beginning of the script.
    fn restart(&mut self, by: EventOrigin) {
        self.disconnect_agent();
        self.enter(RunState::Running);
        self.keys.clear();
        self.line.clear();
        let reason = match by {
            EventOrigin::Guest => "guest-reset",
            EventOrigin::Host => "host-qmp-system-reset",
        };
        if self.tells_resets {
            self.tell(MachineEvent::Reset {
                by,
                reason: reason.to_owned(),
                at: None,
            });
        }
        self.starts = self.starts.saturating_add(1);
        self.effects.extend(self.script.start(self.starts).cloned());
    }

    /// Drops the effects that were to follow, and enters a new state of the machine.
    fn enter(&mut self, run: RunState) {
        self.effects.clear();
        self.until = None;
        lock(&self.state).run = run;
    }

    fn disconnect_agent(&mut self) {
        if self.agent.send_replace(false) {
            self.tell(MachineEvent::AgentDisconnected);
        }
    }

    /// Tells the end. The stream of events closes with this task.
    fn end(self, ending: &Ending, expected: bool) {
        self.agent.send_replace(false);
        self.tell(MachineEvent::Exited {
            ending: ending.clone(),
            expected,
        });
    }

    fn tell(&self, event: MachineEvent) {
        // An error means that nobody listens.
        drop(self.events.send(event));
    }
}

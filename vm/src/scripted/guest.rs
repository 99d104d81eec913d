//! The guest of a scripted machine: what it is, and the task that follows the script.
//!
//! ```text
//! input, serial bytes, power, agent --Deed--> queue --> task --effects, one after the other--> state, events, serial
//! ```

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    sync::{broadcast, mpsc, watch},
    time::{Instant, sleep_until},
};

use super::{Effect, Script, ScriptedPicture, Trigger};
use crate::{
    CaptureError, Ending, EventOrigin, KeyName, MachineEvent, RunState,
    agent::ShutdownMode,
    input::{Button, InputEvent},
};

/// Something that is done to the guest.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deed {
    Input(InputEvent),
    PowerButton,
    Reset,
    SwitchOn,
    AgentShutdown(ShutdownMode),
}

/// The guest, as its handles see it. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Guest {
    deeds: mpsc::UnboundedSender<Deed>,
    state: Arc<Mutex<State>>,
    // The picture that was given out last.
    held: Option<ScriptedPicture>,
}

/// What the guest is now.
#[derive(Debug)]
struct State {
    picture: Result<ScriptedPicture, CaptureError>,
    run: RunState,
}

/// The machine is gone.
#[derive(Debug)]
pub(super) struct Gone;

impl Guest {
    /// Starts the task. It ends when `events` has no other sender, or with [`Effect::End`].
    pub(super) fn start(
        script: Arc<Script>,
        serial: UnixStream,
        events: broadcast::Sender<MachineEvent>,
        agent: watch::Sender<bool>,
        mut cut: watch::Receiver<bool>,
    ) -> Self {
        let (deeds, queue) = mpsc::unbounded_channel();
        let state = Arc::new(Mutex::new(State {
            picture: Err(nothing("nothing is shown yet")),
            run: RunState::Running,
        }));
        let task = Task {
            script,
            serial,
            events,
            agent,
            state: Arc::clone(&state),
            to_do: VecDeque::new(),
            keys: Vec::new(),
            line: Vec::new(),
            until: None,
        };
        tokio::spawn(async move {
            let ended = task.run(queue);
            tokio::pin!(ended);
            tokio::select! {
                // An error means that the machine was dropped: it ends as well.
                _ = cut.wait_for(|cut| *cut) => {}
                () = &mut ended => {}
            }
        });
        Self {
            deeds,
            state,
            held: None,
        }
    }

    pub(super) fn suffers(&self, deed: Deed) -> Result<(), Gone> {
        self.deeds.send(deed).map_err(|_| Gone)
    }

    pub(super) fn run_state(&self) -> RunState {
        lock(&self.state).run.clone()
    }

    pub(super) fn set_run_state(&self, run: RunState) {
        lock(&self.state).run = run;
    }

    /// Returns the picture that it shows now.
    pub(super) fn shown(&self) -> Result<ScriptedPicture, CaptureError> {
        if self.deeds.is_closed() {
            return Err(CaptureError::Gone);
        }
        lock(&self.state).picture.clone()
    }

    /// Keeps a picture for as long as it is looked at.
    pub(super) fn hold(&mut self, picture: ScriptedPicture) -> &ScriptedPicture {
        self.held.insert(picture)
    }
}

/// The task that follows the script.
#[derive(Debug)]
struct Task {
    script: Arc<Script>,
    serial: UnixStream,
    events: broadcast::Sender<MachineEvent>,
    agent: watch::Sender<bool>,
    state: Arc<Mutex<State>>,
    to_do: VecDeque<Effect>,
    /// The keys that went down since a rule for several was met last.
    keys: Vec<KeyName>,
    /// What came over the serial line since its last end.
    line: Vec<u8>,
    /// The end of the wait that is under way.
    until: Option<Instant>,
}

impl Task {
    async fn run(mut self, mut deeds: mpsc::UnboundedReceiver<Deed>) {
        self.to_do.extend(self.script.start().iter().cloned());
        let mut bytes = [0; 4096];
        loop {
            // Deeds first: what was done before an effect is seen before it.
            while let Ok(deed) = deeds.try_recv() {
                self.suffer(deed);
            }
            if self.until.is_none()
                && let Some(effect) = self.to_do.pop_front()
            {
                if self.carry_out(effect).await.is_err() {
                    return;
                }
                continue;
            }
            let until = self.until.unwrap_or_else(Instant::now);
            tokio::select! {
                () = sleep_until(until), if self.until.is_some() => self.until = None,
                deed = deeds.recv() => match deed {
                    Some(deed) => self.suffer(deed),
                    None => return,
                },
                read = self.serial.read(&mut bytes) => match read {
                    Ok(length @ 1..) => self.hear(&bytes[..length]),
                    Ok(0) | Err(_) => return,
                },
            }
        }
    }

    /// Does one effect. An error ends the machine.
    async fn carry_out(&mut self, effect: Effect) -> Result<(), Gone> {
        match effect {
            Effect::Wait(time) => self.until = Some(Instant::now() + time),
            Effect::Show(picture) => lock(&self.state).picture = Ok(picture),
            Effect::ShowNothing(reason) => lock(&self.state).picture = Err(nothing(&reason)),
            Effect::Say(bytes) => return self.serial.write_all(&bytes).await.map_err(|_| Gone),
            Effect::AgentComes => {
                self.agent.send_replace(true);
                self.tell(MachineEvent::AgentConnected);
            }
            Effect::AgentGoes => self.agent_goes(),
            Effect::Restart(by) => self.restart(by),
            Effect::PowerOff => {
                self.agent_goes();
                self.stand(RunState::Shutdown);
                self.tell(MachineEvent::Shutdown {
                    by: EventOrigin::Guest,
                    reason: "guest-shutdown".to_owned(),
                });
            }
            Effect::Panic => {
                self.stand(RunState::Panicked);
                self.tell(MachineEvent::Panicked);
            }
            Effect::Suspend => {
                lock(&self.state).run = RunState::Suspended;
                self.tell(MachineEvent::Suspended);
            }
            Effect::WakeUp => {
                lock(&self.state).run = RunState::Running;
                self.tell(MachineEvent::WokeUp);
            }
            Effect::End => {
                self.agent_goes();
                let ending = Ending {
                    status: None,
                    stderr_tail: String::new(),
                };
                self.tell(MachineEvent::Exited {
                    ending,
                    expected: false,
                });
                return Err(Gone);
            }
        }
        Ok(())
    }

    fn suffer(&mut self, deed: Deed) {
        match deed {
            Deed::Input(event) => self.input(event),
            Deed::PowerButton => {
                self.tell(MachineEvent::PowerButton);
                self.meet(&Trigger::PowerButton);
            }
            Deed::Reset => {
                self.restart(EventOrigin::Host);
                self.meet(&Trigger::ResetButton);
            }
            Deed::SwitchOn => self.restart(EventOrigin::Host),
            Deed::AgentShutdown(ShutdownMode::PowerOff) => self.meet(&Trigger::AgentShutdown),
            Deed::AgentShutdown(ShutdownMode::Reboot) => self.meet(&Trigger::AgentRestart),
        }
    }

    fn input(&mut self, event: InputEvent) {
        match event {
            InputEvent::Key { key, down: true } => {
                self.keys.push(key);
                self.meet(&Trigger::Key(key));
                self.meet_keys();
            }
            InputEvent::Button {
                button: Button::Pointer(button),
                down: true,
            } => self.meet(&Trigger::Click(button)),
            InputEvent::Button {
                button: Button::Wheel(_),
                down: true,
            } => self.meet(&Trigger::Wheel),
            InputEvent::Move { .. } => self.meet(&Trigger::Move),
            InputEvent::Key { down: false, .. } | InputEvent::Button { down: false, .. } => {}
        }
    }

    /// Does what follows keys that went down one after the other.
    fn meet_keys(&mut self) {
        let script = Arc::clone(&self.script);
        for (trigger, effects) in script.rules() {
            if let Trigger::Keys(keys) = trigger
                && self.keys.ends_with(keys)
            {
                self.keys.clear();
                self.to_do.extend(effects.iter().cloned());
                return;
            }
        }
    }

    /// Does what follows a trigger.
    fn meet(&mut self, met: &Trigger) {
        let script = Arc::clone(&self.script);
        let rules = script.rules().iter();
        for (_, effects) in rules.filter(|(trigger, _)| trigger == met) {
            self.to_do.extend(effects.iter().cloned());
        }
    }

    fn hear(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if byte == b'\r' || byte == b'\n' {
                let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
                self.meet(&Trigger::Line(line));
            } else {
                self.line.push(byte);
            }
        }
    }

    /// Starts from the beginning of the script.
    fn restart(&mut self, by: EventOrigin) {
        self.agent_goes();
        self.stand(RunState::Running);
        self.keys.clear();
        self.line.clear();
        let reason = match by {
            EventOrigin::Guest => "guest-reset",
            EventOrigin::Host => "host-qmp-system-reset",
        };
        self.tell(MachineEvent::Reset {
            by,
            reason: reason.to_owned(),
        });
        self.to_do.extend(self.script.start().iter().cloned());
    }

    /// Drops what was to be done, in a new state of the machine.
    fn stand(&mut self, run: RunState) {
        self.to_do.clear();
        self.until = None;
        lock(&self.state).run = run;
    }

    fn agent_goes(&mut self) {
        if self.agent.send_replace(false) {
            self.tell(MachineEvent::AgentDisconnected);
        }
    }

    fn tell(&self, event: MachineEvent) {
        // An error means that nobody listens.
        drop(self.events.send(event));
    }
}

fn nothing(reason: &str) -> CaptureError {
    CaptureError::Refused {
        reason: reason.to_owned(),
    }
}

/// Every holder changes it in one step: a panic cannot leave it half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

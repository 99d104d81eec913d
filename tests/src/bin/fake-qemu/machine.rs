//! The machine: its state, its rules, and the answers to QMP.

mod devices;
mod results;
mod saving;

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant, SystemTime},
};

use qa_tests::{Action, Entry, Journal, Script, Trigger};
use rustix::process::{Pid, Signal, getpid, getppid, kill_process};
use serde_json::{Value, json};

use crate::{
    Ended,
    agent::Agent,
    commands::Call,
    drives::Drives,
    input::Input,
    keyboard::Keyboard,
    memory::{Guest, Memory},
    migration::Migration,
    options::Options,
    rules::Rules,
    starved::Starved,
    told::Told,
    wire::Wire,
};

#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) qmp: Wire,
    pub(crate) serial: Option<Wire>,
    pub(crate) port: Option<Wire>,
    firmware_log: Option<PathBuf>,
    /// What other machines tell, if a rule waits for it.
    pub(crate) told: Option<Told>,
    journal: PathBuf,
    splits_lines: bool,
    rules: Rules,
    memory: Option<Memory>,
    guest: Guest,
    migration: Migration,
    blocked: Vec<String>,
    /// Whether the agent's port is to be told open once the machine goes on.
    port_opens: bool,
    agent: Agent,
    has_screen: bool,
    /// Since when the guest shows what it shows.
    shown: Instant,
    status: &'static str,
    /// Whether a device can wake the processors up, where they have halted.
    halt: Option<bool>,
    boots_next: bool,
    drives: Drives,
    negotiated: bool,
    hung: bool,
    keyboard: Keyboard,
    input: Input,
    starved: Starved,
}

/// Something that may set off a rule.
#[derive(Debug, Clone, Copy)]
enum Happened<'a> {
    Start,
    /// From this disk, by QEMU's name of what is on it.
    Boot(&'a str),
    Captured,
    /// For so long it has shown the same.
    Shown(Duration),
    Typed,
    Pressed(&'a str),
    Clicked(u32, u32),
    /// The pointer has come to this pixel.
    Moved(u32, u32),
    SerialSent,
    Ran(&'a str),
    PowerButton,
    Command(&'a str),
    Told(&'a str),
    Saving,
    Restoring,
}

impl Machine {
    pub(crate) fn new(script: Script, options: Options) -> Result<Self, String> {
        let rules = Rules::new(script.rules, &script.journal, &options.folder);
        let listens = rules.any(|on| matches!(on, Trigger::Told(_)));
        Ok(Self {
            qmp: Wire::take(options.qmp.ok_or("there is no monitor")?)?,
            serial: options.serial.map(Wire::take).transpose()?,
            port: options.agent.map(Wire::take).transpose()?,
            firmware_log: options.firmware_log,
            told: listens.then(|| Told::new(&script.journal)).transpose()?,
            journal: script.journal,
            splits_lines: script.splits_lines,
            rules,
            memory: options.memory.as_ref().map(Memory::open).transpose()?,
            guest: Guest::default(),
            migration: Migration::default(),
            blocked: script.blocked,
            port_opens: false,
            agent: Agent::new(&script.answers, &script.agent_says),
            has_screen: options.has_screen,
            shown: Instant::now(),
            status: if options.incoming {
                "inmigrate"
            } else {
                "prelaunch"
            },
            halt: None,
            boots_next: true,
            drives: options.drives,
            negotiated: false,
            hung: false,
            keyboard: options.keyboard,
            input: Input::default(),
            starved: Starved::new()?,
        })
    }

    /// Begins to talk.
    pub(crate) fn greet(&mut self, version: &str) {
        self.fire(Happened::Start);
        let mut numbers = version
            .split('.')
            .map(|number| number.parse::<u32>().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        let triple = json!({"major": next(), "minor": next(), "micro": next()});
        self.say(&json!({"QMP": {"version": {"qemu": triple, "package": "fake"}, "capabilities": ["oob"]}}));
    }

    /// Whether nothing is read any more.
    pub(crate) fn is_hung(&self) -> bool {
        self.hung
    }

    fn note(&self, entry: &Entry) {
        Journal::add(&self.journal, entry);
    }

    fn problem(&self, text: impl Into<String>) {
        self.note(&Entry::Problem(text.into()));
    }

    fn say(&mut self, message: &Value) {
        if self.hung {
            return;
        }
        let line = format!("{message}\r\n");
        if self.splits_lines {
            for byte in line.as_bytes() {
                self.qmp.say(&[*byte]);
            }
        } else {
            self.qmp.say(line.as_bytes());
        }
    }

    fn event(&mut self, name: &str, data: Value) {
        let since = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let timestamp = json!({"seconds": since.as_secs(), "microseconds": since.subsec_micros()});
        let mut event = json!({"event": name, "timestamp": timestamp});
        if !data.is_null() {
            event["data"] = data;
        }
        self.say(&event);
    }

    /// Stops the guest, which is then in `status`.
    fn stop(&mut self, status: &'static str) {
        self.status = status;
        self.event("STOP", Value::Null);
    }

    fn boot(&mut self) {
        self.boots_next = false;
        self.halt = None;
        self.guest.captures = 0;
        self.shown = Instant::now();
        let from = self.drives.boots_from().unwrap_or_default().to_owned();
        self.fire(Happened::Boot(&from));
    }

    /// Applies the first rule that fits what happened.
    fn fire(&mut self, happened: Happened<'_>) {
        let guest = &self.guest;
        let Some(acts) = self.rules.take(|on| fits(guest, on, happened)) else {
            return;
        };
        match happened {
            Happened::Typed => self.guest.typed.clear(),
            Happened::SerialSent => self.guest.sent.clear(),
            _ => {}
        }
        for act in acts {
            self.act(act);
        }
    }

    fn act(&mut self, act: Action) {
        match act {
            Action::Show(frame) => match fs::read(&frame.file) {
                Ok(bytes) => {
                    self.guest.screen = Some((frame, bytes));
                    self.guest.captures = 0;
                    self.shown = Instant::now();
                }
                Err(error) => self.problem(format!("{}: {error}", frame.file.display())),
            },
            Action::SwitchScreenOff => self.guest.screen = None,
            Action::Say(bytes) => match &mut self.serial {
                Some(serial) => serial.say(&bytes),
                None => self.problem("the machine has no serial console"),
            },
            Action::SayAsFirmware(text) => {
                if let Err(error) = self.say_as_firmware(&text) {
                    self.problem(format!("the firmware cannot speak: {error}"));
                }
            }
            Action::Reset => {
                self.event("RESET", json!({"guest": true, "reason": "guest-reset"}));
                self.boot();
            }
            Action::PowerOff => {
                self.event(
                    "SHUTDOWN",
                    json!({"guest": true, "reason": "guest-shutdown"}),
                );
                self.stop("shutdown");
            }
            Action::Panic => {
                self.event("GUEST_PANICKED", json!({"action": "pause"}));
                self.stop("guest-panicked");
            }
            Action::InternalError => self.stop("internal-error"),
            Action::NoSpace => self.refuse_writes("No space left on device", true),
            Action::RefuseWrites(reason) => self.refuse_writes(&reason, false),
            Action::Pause => self.stop("paused"),
            Action::Halt { interrupts } => self.halt = Some(interrupts),
            Action::RemoveResults => {
                if let Err(error) = results::remove() {
                    self.problem(format!("cannot remove the folder of the results: {error}"));
                }
            }
            Action::Agent(open) => {
                self.guest.agent_open = open;
                self.event("VSERPORT_CHANGE", json!({"open": open, "id": "agent0"}));
            }
            Action::Event { name, data } => self.event(&name, data),
            Action::Qmp(text) => self.qmp.say(text.as_bytes()),
            Action::Exit { status, stderr } => {
                eprint!("{stderr}");
                std::process::exit(status);
            }
            Action::Die => self.signal(Some(getpid()), Signal::KILL),
            Action::Hang => self.hung = true,
            Action::Stop => self.signal(Some(getpid()), Signal::STOP),
            Action::CloseQmp => self.qmp.close(),
            Action::Starve(milliseconds) => {
                if let Err(error) = self.starved.add(milliseconds) {
                    self.problem(error);
                }
            }
            Action::FailMigration(why) => self.migration.fails = Some(why),
            Action::Tell(what) => self.note(&Entry::Told {
                by: std::process::id(),
                what,
            }),
            Action::SignalQa(name) => match name.as_str() {
                "INT" => self.signal(getppid(), Signal::INT),
                "TERM" => self.signal(getppid(), Signal::TERM),
                "HUP" => self.signal(getppid(), Signal::HUP),
                "KILL" => self.signal(getppid(), Signal::KILL),
                _ => self.problem(format!("unknown signal `{name}`")),
            },
            Action::FillResults => {
                if let Err(error) = results::fill() {
                    self.problem(format!("cannot fill the disk of the results: {error}"));
                }
            }
            Action::SpoilNeedles => {
                if let Err(error) = results::spoil_needles() {
                    self.problem(format!("cannot spoil the folder of the results: {error}"));
                }
            }
            Action::RemoveDrafts => {
                if let Err(error) = saving::remove_drafts() {
                    self.problem(format!("cannot remove what is being saved: {error}"));
                }
            }
        }
    }

    fn refuse_writes(&mut self, reason: &str, is_full: bool) {
        self.status = "io-error";
        self.event(
            "BLOCK_IO_ERROR",
            json!({"device": "", "node-name": "disk0", "qom-path": "/machine/peripheral-anon/device[0]",
                "operation": "write", "action": "stop", "nospace": is_full, "reason": reason}),
        );
        self.stop("io-error");
    }

    /// What the monitor for people says of the processor.
    fn registers(&self) -> String {
        let (flags, halted) = match self.halt {
            Some(true) => ("00000246 [---Z-P-]", 1),
            Some(false) => ("00000046 [---Z-P-]", 1),
            None => ("00000246 [---Z-P-]", 0),
        };
        format!(
            "\r\nCPU#0\r\nEAX=00000000 EBX=00000000 ECX=00000000 EDX=00000663\r\n\
             EIP=00007c4c EFL={flags} CPL=0 II=0 A20=1 SMM=0 HLT={halted}\r\n"
        )
    }

    fn say_as_firmware(&self, text: &str) -> std::io::Result<()> {
        let Some(log) = &self.firmware_log else {
            return Err(std::io::Error::other("the machine has no log for it"));
        };
        let mut log = fs::OpenOptions::new().append(true).open(log)?;
        std::io::Write::write_all(&mut log, text.as_bytes())
    }

    fn signal(&self, to: Option<Pid>, signal: Signal) {
        if to.is_none_or(|pid| kill_process(pid, signal).is_err()) {
            self.problem("a signal could not be sent");
        }
    }

    /// Takes a line of QMP.
    pub(crate) fn command(&mut self, line: &[u8]) -> Result<(), Ended> {
        let call = match Call::read(line) {
            Ok(call) => call,
            Err(refused) => {
                self.problem(format!(
                    "{}: {}",
                    refused.description,
                    String::from_utf8_lossy(line)
                ));
                self.say(&json!({"error": {"class": refused.class, "desc": refused.description}, "id": refused.id}));
                return Ok(());
            }
        };
        if !matches!(
            call.name.as_str(),
            "screendump"
                | "input-send-event"
                | "query-status"
                | "x-query-virtio-queue-element"
                | "human-monitor-command"
        ) {
            self.note(&Entry::Command(
                json!({"execute": call.name, "arguments": call.arguments}),
            ));
        }
        self.fire(Happened::Command(&call.name));
        let quits = call.name == "quit";
        match self.answer(&call) {
            Ok(value) => self.say(&json!({"return": value, "id": call.id})),
            Err(description) => {
                self.say(&json!({"error": {"class": "GenericError", "desc": description}, "id": call.id}));
            }
        }
        match call.name.as_str() {
            // What a machine shows before it runs is looked at as well, but no guest could notice it.
            "screendump" if self.guest.screen.is_some() && !self.boots_next => {
                self.guest.captures += 1;
                self.fire(Happened::Captured);
            }
            "cont" if self.boots_next && self.status == "running" => self.boot(),
            "system_reset" if self.status == "running" => self.boot(),
            _ => {}
        }
        self.migrate(&call)?;
        self.hear();
        if quits && !self.hung {
            let rest = self.keyboard.rest();
            drop(self.take_input(&rest));
            if !self.input.still_down().is_empty() {
                self.problem(format!(
                    "keys were left down: {:?}",
                    self.input.still_down()
                ));
            }
            self.event(
                "SHUTDOWN",
                json!({"guest": false, "reason": "host-qmp-quit"}),
            );
            return Err(Ended {
                status: 0,
                stderr: String::new(),
            });
        }
        Ok(())
    }

    /// Carries out a command; the error is QEMU's sentence.
    fn answer(&mut self, call: &Call) -> Result<Value, String> {
        if !self.negotiated && call.name != "qmp_capabilities" {
            self.problem(format!(
                "`{}` came before the capabilities were negotiated",
                call.name
            ));
            return Err("Expecting capabilities negotiation with 'qmp_capabilities'".to_owned());
        }
        if let Some(answer) = self.migration_answer(call) {
            return answer;
        }
        if let Some(answer) = self.drives.answer(call) {
            return answer.map(|()| json!({}));
        }
        match call.name.as_str() {
            "qmp_capabilities" => self.negotiated = true,
            // One thread for all processors, as under single-threaded emulation.
            "query-cpus-fast" => {
                let thread = std::process::id();
                return Ok(
                    json!([{"thread-id": thread, "cpu-index": 0, "qom-path": "/machine/unattached/device[0]",
                    "target": "x86_64", "props": {}}]),
                );
            }
            "human-monitor-command" => return Ok(self.registers().into()),
            "query-status" => {
                return Ok(
                    json!({"running": self.status == "running", "singlestep": false, "status": self.status}),
                );
            }
            "query-version" => {
                return Ok(
                    json!({"qemu": {"major": 10, "minor": 0, "micro": 2}, "package": "fake"}),
                );
            }
            "query-vnc" => {
                return Ok(json!({
                    "enabled": true, "host": "127.0.0.1", "service": "5900",
                    "family": "ipv4", "auth": "none", "clients": [],
                }));
            }
            "cont" => match self.status {
                "prelaunch" | "paused" | "postmigrate" | "running" | "guest-panicked" => {
                    self.status = "running";
                    self.event("RESUME", Value::Null);
                }
                _ => return Err("Resetting the Virtual Machine is required".to_owned()),
            },
            "stop" => {
                // One that has powered itself off stays off.
                if self.status != "shutdown" {
                    self.stop("paused");
                }
                // From here on the file is what the guest will find when it goes on.
                if let Some(memory) = &self.memory {
                    memory.write(&self.guest)?;
                }
            }
            "system_reset" => {
                self.boots_next = true;
                if matches!(
                    self.status,
                    "shutdown" | "guest-panicked" | "internal-error"
                ) {
                    self.status = "prelaunch";
                }
                self.event(
                    "RESET",
                    json!({"guest": false, "reason": "host-qmp-system-reset"}),
                );
            }
            "system_powerdown" => {
                self.event("POWERDOWN", Value::Null);
                self.fire(Happened::PowerButton);
            }
            "screendump" => {
                self.capture(call.arguments["filename"].as_str().unwrap_or_default())?
            }
            "input-send-event" => self.input(&call.arguments)?,
            "x-query-virtio-queue-element" => return self.keyboard.element(),
            // `quit`, and `system_wakeup`, which does nothing to a guest that is awake.
            _ => {}
        }
        Ok(json!({}))
    }

    /// When a rule applies although nothing happens; none where there is no such rule, or the guest does not run.
    pub(crate) fn next_moment(&self) -> Option<Duration> {
        let runs = self.status == "running" && !self.boots_next && !self.hung;
        let soonest = self.rules.soonest(|on| match on {
            Trigger::Shown(milliseconds) => Some(Duration::from_millis(*milliseconds)),
            _ => None,
        });
        let shown = soonest.map(|shown| shown.saturating_sub(self.shown.elapsed()));
        let fetched = self.keyboard.due();
        shown.into_iter().chain(fetched).min().filter(|_| runs)
    }

    /// Lets happen what happens by the passing of time.
    pub(crate) fn pass(&mut self) {
        if self.status == "running" && !self.hung {
            let fetched = self.keyboard.fetched();
            // What is wrong with them is noted.
            drop(self.take_input(&fetched));
        }
        if self.next_moment().is_some_and(|moment| moment.is_zero()) {
            self.fire(Happened::Shown(self.shown.elapsed()));
        }
    }

    /// Takes what other machines have told, once the guest runs.
    pub(crate) fn hear(&mut self) {
        if self.status != "running" || self.hung {
            return;
        }
        let news = self.told.as_mut().map(Told::news);
        for what in news.into_iter().flatten() {
            self.fire(Happened::Told(&what));
        }
    }
}

/// Whether what happened sets off a rule.
fn fits(guest: &Guest, on: &Trigger, happened: Happened<'_>) -> bool {
    match (on, happened) {
        (Trigger::Start, Happened::Start)
        | (Trigger::Boot, Happened::Boot(_))
        | (Trigger::PowerButton, Happened::PowerButton)
        | (Trigger::Saving, Happened::Saving)
        | (Trigger::Restoring, Happened::Restoring) => true,
        (Trigger::Captures(count), Happened::Captured) => guest.captures >= *count,
        (Trigger::Shown(milliseconds), Happened::Shown(time)) => {
            time >= Duration::from_millis(*milliseconds)
        }
        (Trigger::Typed(text), Happened::Typed) => guest.typed.ends_with(text),
        (Trigger::Pressed(keys), Happened::Pressed(down)) => keys == down,
        (Trigger::Clicked([left, top, width, height]), Happened::Clicked(x, y)) => {
            (*left..left + width).contains(&x) && (*top..top + height).contains(&y)
        }
        (Trigger::Moved([left, top, width, height]), Happened::Moved(x, y)) => {
            (*left..left + width).contains(&x) && (*top..top + height).contains(&y)
        }
        (Trigger::SerialSent(text), Happened::SerialSent) => guest.sent.contains(text),
        (Trigger::Ran(part), Happened::Ran(line)) => line.contains(part),
        (Trigger::BootFrom(wanted), Happened::Boot(name))
        | (Trigger::Command(wanted), Happened::Command(name))
        | (Trigger::Told(wanted), Happened::Told(name)) => wanted == name,
        _ => false,
    }
}

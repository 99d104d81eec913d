//! Starts the machine of a QEMU: attaches every handle, and lets it run.

use std::{os::unix::net::UnixStream, sync::Arc, time::Duration};

use tokio::{
    sync::{broadcast, watch},
    time::timeout,
};

use super::{
    LaunchError, QemuMachine, SavedMachine, blueprint::Blueprint, driver::Driver, early_end::judge,
    migration, ports, run_files::file_error, spawn::Spawned, tpm::Tpm,
};
use crate::{
    Agent, Capabilities, Capability, Keyboard, KeyboardDevice, Lack, Machine, MachineEvents,
    Pointer, Power, Processors, RunState, Screen, Serial,
    input::Player,
    machine::Backend,
    qemu::{
        QemuPower, QemuProcessors,
        input::{Intake, QemuInput, UsbReports},
        process::{Ended, QemuProcess},
        pulse::Before,
        qmp::{Qmp, QmpError, QmpLog, RawEvent},
        screen::{MemoryFile, ScreenDump},
        starvation,
    },
    screen::{CaptureTask, ScreenNudge},
};

/// The longest time that QEMU may take to end after it has closed its control connection.
const FAREWELL: Duration = Duration::from_secs(10);

impl Blueprint {
    /// Starts QEMU, attaches every handle, and lets the machine run: from its firmware, or from where it was saved.
    pub(super) async fn start(
        self: Arc<Self>,
        saved: Option<&SavedMachine>,
    ) -> Result<(Machine, MachineEvents), LaunchError> {
        ports::check(&self.spec)?;
        let Spawned {
            mut process,
            tpm,
            lines,
            screen,
            reports,
            memory,
            log,
            command_line,
        } = self.spawn(saved).await?;
        let (qmp, raw) = self.connect(lines.qmp, log, &mut process).await?;
        if let Some(saved) = saved {
            self.read_devices(&qmp, saved, &mut process).await?;
        }
        let serials = self.serials(lines.serials)?;
        let (agent_open, agent_seen) = watch::channel(false);
        let capabilities = self.spec.capabilities(self.offers);
        let agent = self.agent(lines.agent, agent_seen, &capabilities)?;
        let nudge = ScreenNudge::default();
        let screen = self.screen(&qmp, screen, &nudge, &capabilities);
        let pids = (process.pid(), tpm.as_ref().map(Tpm::pid));
        let keyboard = self.spec.keyboard;
        let facts = self.facts(&command_line, process.pid());
        let killer = process.killer();
        let killer = killer.map_err(file_error("watch", &self.found.program.path))?;
        let tpm_killer = tpm.as_ref().map(Tpm::killer).transpose();
        let tpm_killer = tpm_killer.map_err(file_error("watch", &self.folder))?;
        let power = Power::of_qemu(QemuPower::new(qmp.clone()), capabilities.clone());
        let accel = self.found.accel.clone();
        let (driven, events) = Driver::start(process, tpm, power.clone(), accel, raw, agent_open);
        let (settling, machine_events) = (driven.settling.clone(), driven.events.clone());
        // From here on dropping it ends the machine.
        let qemu = QemuMachine {
            qmp: qmp.clone(),
            memory,
            driven,
            killer,
            tpm_killer,
            blueprint: self,
        };
        let before = Before {
            events: settling,
            serials: serials.clone(),
        };
        let starvation = starvation(&qmp, pids.0, pids.1, power.is_held(), before).await;
        let input = QemuInput::new(qmp.clone(), intake(keyboard, reports));
        let player = Player::start(input, nudge, starvation.clone());
        let is_off = saved.is_some()
            && power.status().await.map_err(|error| error.source)? == RunState::Shutdown;
        if !is_off {
            qmp.execute(qapi::qmp::cont {}).await?;
        }
        let machine = Machine {
            facts,
            capabilities: capabilities.clone(),
            keyboard: Keyboard::new(player.clone(), capabilities.require(Capability::Keyboard)),
            pointer: Pointer::new(player, capabilities.require(Capability::Pointer)),
            screen,
            console: console(&serials),
            serials,
            agent,
            power,
            processors: Processors::of_qemu(QemuProcessors::new(qmp)),
            starvation,
            events: machine_events,
            backend: Backend::Qemu(Box::new(qemu)),
        };
        Ok((machine, MachineEvents::new(events)))
    }

    /// Connects to QEMU, which answers once the machine is built.
    async fn connect(
        &self,
        socket: UnixStream,
        log: QmpLog,
        process: &mut QemuProcess,
    ) -> Result<(Qmp, broadcast::Receiver<RawEvent>), LaunchError> {
        let connected = tokio::select! {
            connected = Qmp::connect(socket, log) => connected,
            ended = process.ended() => return Err(self.judge(ended)),
        };
        match connected {
            Err(QmpError::Closed { command }) => match timeout(FAREWELL, process.ended()).await {
                Ok(ended) => Err(self.judge(ended)),
                Err(_) => Err(QmpError::Closed { command }.into()),
            },
            connected => Ok(connected?),
        }
    }

    /// Restores the saved state of the devices.
    async fn read_devices(
        &self,
        qmp: &Qmp,
        saved: &SavedMachine,
        process: &mut QemuProcess,
    ) -> Result<(), LaunchError> {
        let unusable = |reason: String| LaunchError::Saved { reason };
        let devices = saved.devices();
        let read = tokio::select! {
            read = migration::read_devices(qmp, &devices) => read,
            // A QEMU that cannot read them reports why and ends.
            ended = process.ended() => return Err(unusable(ended.stderr_tail.trim().to_owned())),
        };
        match read {
            Ok(()) => Ok(()),
            Err(error) => match timeout(FAREWELL, process.ended()).await {
                Ok(ended) if !ended.stderr_tail.trim().is_empty() => {
                    Err(unusable(ended.stderr_tail.trim().to_owned()))
                }
                Ok(_) | Err(_) => Err(unusable(error.to_string())),
            },
        }
    }

    /// Returns the serial lines, each with its log.
    fn serials(&self, lines: Vec<UnixStream>) -> Result<Vec<Serial>, LaunchError> {
        let start = |(index, line): (usize, UnixStream)| {
            let log = self.folder.join(format!("serial{index}.log"));
            let (read, write) = line
                .set_nonblocking(true)
                .and_then(|()| tokio::net::UnixStream::from_std(line))
                .map_err(file_error("connect a serial line of", &self.folder))?
                .into_split();
            Serial::start(read, write, &log).map_err(file_error("open", &log))
        };
        lines.into_iter().enumerate().map(start).collect()
    }

    /// Returns the agent on our end of its line, if the machine has a channel for one.
    fn agent(
        &self,
        line: UnixStream,
        is_open: watch::Receiver<bool>,
        capabilities: &Capabilities,
    ) -> Result<Agent, LaunchError> {
        if let Err(lack) = capabilities.require(Capability::Agent) {
            return Ok(Agent::absent(lack));
        }
        let agent = Agent::of_qemu(line, is_open);
        agent.map_err(file_error("connect the agent of", &self.folder))
    }

    /// Starts to capture the screen, if the machine has one.
    fn screen(
        &self,
        qmp: &Qmp,
        file: Option<MemoryFile>,
        nudge: &ScreenNudge,
        capabilities: &Capabilities,
    ) -> Screen {
        let lack = match (file, capabilities.require(Capability::Screen)) {
            (Some(file), Ok(())) => {
                let source = ScreenDump::new(qmp.clone(), file);
                let generations = Arc::clone(&self.generations);
                return CaptureTask::start(source, nudge.clone(), generations);
            }
            (_, Err(lack)) => lack,
            (None, Ok(())) => Lack::without_remedy(Capability::Screen),
        };
        Screen::absent(lack)
    }

    fn judge(&self, ended: Ended) -> LaunchError {
        judge(ended, self.found.program.version)
    }
}

/// Returns the console: the first serial line.
fn console(serials: &[Serial]) -> Serial {
    let absent = || Serial::absent(Lack::without_remedy(Capability::Serial));
    serials.first().cloned().unwrap_or_else(absent)
}

/// Returns the source that tells which keys the guest has taken.
fn intake(keyboard: KeyboardDevice, reports: Option<MemoryFile>) -> Intake {
    match (keyboard, reports) {
        (KeyboardDevice::Virtio, _) => Intake::Virtio { lent: 0, used: 0 },
        (KeyboardDevice::Usb, Some(file)) => Intake::Usb(UsbReports::new(file)),
        (KeyboardDevice::Usb, None) | (KeyboardDevice::BuiltIn, _) => Intake::Silent,
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, path::Path};

    use super::{
        super::{Offers, lookup::Found, run_files::RunFiles},
        *,
    };
    use crate::{
        AccelChoice, Arch, DisplayDevice, MachineEvent, MachineSpec,
        qemu::process::{QemuProgram, QemuVersion},
    };

    /// A program that speaks just enough QMP for a launch, until `quit`.
    const OBEDIENT: &str = r#"
        for arg; do case $arg in socket,id=qmp,fd=*) fd=${arg##*=} ;; esac; done
        exec 3<&$fd 4>&$fd
        version='{"qemu": {"micro": 0, "minor": 2, "major": 7}, "package": ""}'
        echo "{\"QMP\": {\"version\": $version, \"capabilities\": []}}" >&4
        while read -r line <&3; do
            id=${line##*:}
            echo "{\"return\": {}, \"id\": ${id%\}}}" >&4
            case $line in *'"quit"'*) exit ;; esac
        done
    "#;

    /// Returns a machine without screen or disk whose QEMU is a script. It needs bash, since other shells take no
    /// descriptor above 9.
    async fn blueprint(folder: &Path, script: &str) -> Arc<Blueprint> {
        let program = folder.join("qemu");
        fs::write(&program, format!("#!/usr/bin/env bash\n{script}")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let mut spec = MachineSpec::desktop(Arch::X86_64);
        spec.display.device = DisplayDevice::None;
        let files = RunFiles::make(folder, &spec, None, None).await.unwrap();
        Arc::new(Blueprint {
            spec,
            folder: folder.to_owned(),
            found: Found {
                program: QemuProgram {
                    path: program,
                    version: QemuVersion::new(7, 2, 0),
                },
                accel: AccelChoice::Tcg {
                    because: "a test".to_owned(),
                },
                firmware: None,
                tpm: None,
            },
            files,
            offers: Offers::default(),
            generations: Arc::default(),
        })
    }

    #[tokio::test]
    async fn a_machine_starts_ends_and_starts_again() {
        let folder = tempfile::tempdir().unwrap();
        let blueprint = blueprint(folder.path(), OBEDIENT).await;
        let (machine, _events) = blueprint.start(None).await.unwrap();
        let first = machine.facts().qemu().unwrap().pid;
        let (machine, mut events) = machine.relaunch().await.unwrap();
        assert_ne!(machine.facts().qemu().unwrap().pid, first);
        assert!(!fs::exists(format!("/proc/{first}")).unwrap());
        assert!(machine.screen().now().await.is_err());
        let ending = machine.shutdown().await;
        assert!(ending.status.unwrap().success(), "{ending:?}");
        assert!(matches!(
            events.next().await,
            Some(MachineEvent::Exited { expected: true, .. })
        ));
        assert_eq!(events.next().await, None);
        let log = fs::read_to_string(folder.path().join("qmp.log")).unwrap();
        assert_eq!(log.matches(r#""execute":"cont""#).count(), 2, "{log}");
    }

    #[tokio::test]
    async fn a_program_that_ends_at_once_is_judged_by_its_last_words() {
        for (words, expected) in [
            (
                "qemu: -x: invalid option",
                "QEMU 7.2.0 cannot build this machine: -x: invalid option;",
            ),
            (
                "out of memory",
                "QEMU ended at once (exit status: 4); its last words:\nout of memory",
            ),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let script = format!("echo '{words}' >&2; exit 4");
            let error = blueprint(folder.path(), &script)
                .await
                .start(None)
                .await
                .unwrap_err()
                .to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[tokio::test]
    async fn a_launch_that_is_given_up_leaves_no_process() {
        let folder = tempfile::tempdir().unwrap();
        let script = "echo $$ > \"$0.pid\"; exec sleep 1000";
        let blueprint = blueprint(folder.path(), script).await;
        let noted = folder.path().join("qemu.pid");
        let pid = async {
            loop {
                match fs::read_to_string(&noted) {
                    Ok(pid) if pid.ends_with('\n') => return pid.trim().to_owned(),
                    _ => tokio::task::yield_now().await,
                }
            }
        };
        let pid = tokio::select! {
            launched = blueprint.start(None) => panic!("{launched:?}"),
            pid = pid => pid,
        };
        // Whoever was starting it ends it.
        let gone = async {
            while fs::exists(format!("/proc/{pid}")).unwrap() {
                tokio::task::yield_now().await;
            }
        };
        assert!(
            timeout(FAREWELL, gone).await.is_ok(),
            "process {pid} is left"
        );
    }
}

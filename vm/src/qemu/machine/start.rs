//! Starts the machine of a QEMU.

use std::{
    fs,
    os::{fd::AsRawFd, unix::net::UnixStream},
    path::PathBuf,
    process::Command,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use tokio::{sync::watch, time::timeout};

use super::{
    LaunchError, Offers, QemuMachine, SavedMachine,
    credential_files::CredentialFiles,
    driver::Driver,
    early_end::judge,
    lines::{Ends, Lines},
    lookup::Found,
    migration, ports,
    run_files::{RunFiles, absolute, file_error},
    shared_memory::SharedMemory,
    spec_check::check,
    tpm::Tpm,
};
use crate::{
    Agent, DisplayDevice, Firmware, Keyboard, KeyboardDevice, Machine, MachineEvents, MachineFacts,
    MachineSpec, Pointer, PointerDevice, Power, Processors, RunState, Screen, Serial,
    input::Player,
    machine::{Backend, BackendFacts},
    qemu::{
        QemuFacts, QemuPower, QemuProcessors,
        command_line::{CommandLine, FIRMWARE_LOG, MainMemory, Wiring},
        input::{Intake, QemuInput, UsbReports},
        process::{Ended, QemuProcess, QemuVersion},
        pulse::Before,
        qmp::{Direction, Qmp, QmpError, QmpLog, RawEvent, Sensitivity},
        screen::{MemoryFile, ScreenDump},
        starvation,
    },
    screen::{CaptureTask, ScreenNudge},
};

/// How long QEMU may take to end after it closed its control connection.
const FAREWELL: Duration = Duration::from_secs(10);

/// The remark that QEMU keeps the rights of root. It opens disks, checkpoints and media by their paths, also while it
/// runs; what root alone may read would be closed to another user, and changing who owns an image is not for a test.
const AS_ROOT: &str = "QEMU runs as root, as this program does, since it opens images that may be root's alone: in its \
    sandbox, and with an environment without secrets; run qa as another user to take those rights from it as well";

/// The first QEMU that writes down what a USB device sends (property `pcap`).
const WRITES_REPORTS: QemuVersion = QemuVersion::new(6, 0, 0);

/// Everything that is decided before QEMU starts, and that a second start of the same machine uses again.
#[derive(Debug, Clone)]
pub(super) struct Blueprint {
    pub(super) spec: MachineSpec,
    folder: PathBuf,
    pub(super) found: Found,
    pub(super) files: RunFiles,
    offers: Offers,
    /// Numbers of frames go on over a second start.
    generations: Arc<AtomicU64>,
}

impl Blueprint {
    /// Looks for everything the machine needs and makes the files of the run.
    pub(super) async fn draw(
        spec: &MachineSpec,
        folder: PathBuf,
        offers: Offers,
        saved: Option<&SavedMachine>,
    ) -> Result<Self, LaunchError> {
        check(spec)?;
        let folder = absolute(&folder)?;
        fs::create_dir_all(&folder).map_err(file_error("create", &folder))?;
        let (spec, found) = {
            let spec = spec.clone();
            // Starts `qemu --version` and reads folders: some 20 ms.
            let look = tokio::task::spawn_blocking(move || {
                let found = Found::on_host(&spec);
                (spec, found)
            });
            look.await.map_err(|error| LaunchError::Spec {
                reason: format!("the search for QEMU broke off: {error}"),
            })?
        };
        let found = found?;
        let files = RunFiles::make(&folder, &spec, found.firmware.as_ref(), saved).await?;
        Ok(Self {
            spec,
            folder,
            found,
            files,
            offers,
            generations: Arc::default(),
        })
    }

    /// Starts QEMU, attaches every handle, and lets the machine run: from its firmware, or from where it was saved.
    pub(super) async fn start(
        self: Arc<Self>,
        saved: Option<&SavedMachine>,
    ) -> Result<(Machine, MachineEvents), LaunchError> {
        ports::check(&self.spec)?;
        let log_path = self.folder.join("qmp.log");
        let log = QmpLog::open(&log_path).map_err(file_error("open", &log_path))?;
        let lines =
            Lines::new(&self.spec).map_err(file_error("connect a socket of", &self.folder))?;
        let screen = match self.spec.display.device {
            DisplayDevice::None => None,
            _ => Some(MemoryFile::new().map_err(file_error("create a screen for", &self.folder))?),
        };
        let memory = self.memory(saved).await?;
        let credentials = CredentialFiles::new(&self.spec.credentials)
            .map_err(file_error("make the credentials of", &self.folder))?;
        let mut wiring = self.wiring(&lines.theirs, memory.as_deref(), saved);
        wiring.credentials = credentials.paths_for_heir();
        let reports = self.keyboard_reports()?;
        wiring.keyboard_reports = (reports.as_ref()).map(|file| file.path_for_heir().into());
        let command_line = CommandLine::new(&self.spec, &wiring);
        self.keep_arguments(&command_line)?;

        let mut command = Command::new(&self.found.program.path);
        command.args(command_line.args());
        let mut inherited = lines.theirs.fds();
        inherited.extend(credentials.fds());
        inherited.extend(screen.as_ref().map(MemoryFile::fd));
        inherited.extend(reports.as_ref().map(MemoryFile::fd));
        inherited.extend(memory.as_ref().map(|memory| memory.fd()));
        let tpm = self.tpm(lines.ours.tpm.as_ref(), &log).await?;
        let process = QemuProcess::start(command, inherited, log.clone()).await;
        let mut process = process.map_err(file_error("start", &self.found.program.path))?;
        log.write(
            Direction::Remark,
            format_args!(
                "QEMU {} has process id {}",
                self.found.program.version,
                process.pid()
            ),
        );
        if rustix::process::geteuid().is_root() {
            log.write(Direction::Remark, format_args!("{AS_ROOT}"));
        }
        let Lines { ours, theirs } = lines;
        // Kept open, they would hide the end of QEMU, and of the TPM.
        drop((theirs, ours.tpm));
        let (qmp, raw) = self.connect(ours.qmp, log, &mut process).await?;
        if let Some(saved) = saved {
            self.read_devices(&qmp, saved, &mut process).await?;
        }

        let serials = self.serials(ours.serials)?;
        let (agent_open, agent_seen) = watch::channel(false);
        let agent = if self.spec.agent {
            Agent::of_qemu(ours.agent, agent_seen)
                .map_err(file_error("connect the agent of", &self.folder))?
        } else {
            Agent::none()
        };
        let nudge = ScreenNudge::default();
        let screen = match screen {
            Some(file) => CaptureTask::start(
                ScreenDump::new(qmp.clone(), file),
                nudge.clone(),
                Arc::clone(&self.generations),
            ),
            None => Screen::none(),
        };
        let (pid, tpm_pid) = (process.pid(), tpm.as_ref().map(Tpm::pid));
        let (keyboard, tablet) = (
            self.spec.keyboard,
            self.spec.pointer != PointerDevice::BuiltIn,
        );
        let facts = self.facts(&command_line, process.pid());
        let killer = process
            .killer()
            .map_err(file_error("watch", &self.found.program.path))?;
        let tpm_killer = tpm
            .as_ref()
            .map(|tpm| tpm.killer().map_err(file_error("watch", &self.folder)))
            .transpose()?;
        let power = Power::of_qemu(QemuPower::new(qmp.clone()));
        let (driven, events) = Driver::start(
            process,
            tpm,
            power.clone(),
            self.found.accel.clone(),
            raw,
            agent_open,
        );
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
        let starvation = starvation(&qmp, pid, tpm_pid, power.is_held(), before).await;
        let intake = match (keyboard, reports) {
            (KeyboardDevice::Virtio, _) => Intake::Virtio { lent: 0, used: 0 },
            (KeyboardDevice::Usb, Some(file)) => Intake::Usb(UsbReports::new(file)),
            (KeyboardDevice::Usb, None) | (KeyboardDevice::BuiltIn, _) => Intake::Silent,
        };
        let input = QemuInput::new(qmp.clone(), intake);
        let player = Player::start(input, nudge, starvation.clone());
        let is_off = saved.is_some()
            && power.status().await.map_err(|error| error.source)? == RunState::Shutdown;
        if !is_off {
            qmp.raw("cont", serde_json::Value::Null, Sensitivity::Open)
                .await?;
        }
        let machine = Machine {
            facts,
            keyboard: Keyboard::new(player.clone()),
            pointer: Pointer::new(player, tablet),
            screen,
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

    /// The file that gets the reports of a USB keyboard, where there is one and QEMU can write it.
    fn keyboard_reports(&self) -> Result<Option<MemoryFile>, LaunchError> {
        let is_usb = self.spec.keyboard == KeyboardDevice::Usb;
        if !is_usb || self.found.program.version < WRITES_REPORTS {
            return Ok(None);
        }
        let file = MemoryFile::new();
        let file = file.map_err(file_error("watch the keyboard of", &self.folder))?;
        Ok(Some(file))
    }

    /// Connects to QEMU, which answers once the machine is built.
    async fn connect(
        &self,
        socket: UnixStream,
        log: QmpLog,
        process: &mut QemuProcess,
    ) -> Result<(Qmp, tokio::sync::broadcast::Receiver<RawEvent>), LaunchError> {
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

    /// The main memory in a file of its own, where the machine is to be saved.
    async fn memory(
        &self,
        saved: Option<&SavedMachine>,
    ) -> Result<Option<Arc<SharedMemory>>, LaunchError> {
        if !self.offers.saving {
            return Ok(None);
        }
        let made = match saved {
            None => SharedMemory::blank(self.spec.memory_mib),
            Some(saved) => {
                let ram = saved.ram();
                tokio::task::spawn_blocking(move || SharedMemory::copy_of(&ram))
                    .await
                    .unwrap_or_else(|error| Err(std::io::Error::other(error)))
            }
        };
        let memory = made.map_err(file_error("make the memory of a machine in", &self.folder))?;
        Ok(Some(Arc::new(memory)))
    }

    /// Puts the devices into the state they were saved in.
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
            // A QEMU that cannot read them says why and ends.
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

    /// The process that is the TPM, where the machine has one.
    async fn tpm(
        &self,
        line: Option<&UnixStream>,
        log: &QmpLog,
    ) -> Result<Option<Tpm>, LaunchError> {
        let (Some(line), Some(program)) = (line, &self.found.tpm) else {
            return Ok(None);
        };
        let started = Tpm::start(program, &self.folder, line, log.clone()).await;
        started.map(Some).map_err(file_error("start", program))
    }

    /// The serial lines, each with its log.
    fn serials(&self, lines: Vec<UnixStream>) -> Result<Vec<Serial>, LaunchError> {
        let start = |(index, line)| {
            let log = self.folder.join(format!("serial{index}.log"));
            Serial::start(line, &log).map_err(file_error("open", &log))
        };
        lines.into_iter().enumerate().map(start).collect()
    }

    fn judge(&self, ended: Ended) -> LaunchError {
        judge(ended, self.found.program.version)
    }

    fn wiring(
        &self,
        lines: &Ends,
        memory: Option<&SharedMemory>,
        saved: Option<&SavedMachine>,
    ) -> Wiring {
        Wiring {
            accel: self.found.accel.clone(),
            firmware: self.found.firmware.clone(),
            variables: self.files.variables().to_owned(),
            disks: self.files.disks().to_owned(),
            memory: match (memory, saved) {
                (Some(memory), _) => MainMemory::Shared(memory.path_for_heir()),
                (None, Some(saved)) => MainMemory::CopyOnWrite(saved.ram()),
                (None, None) => MainMemory::Process,
            },
            incoming: saved.is_some(),
            vnc: self.offers.vnc,
            qmp: lines.qmp.as_raw_fd(),
            serials: lines.serials.iter().map(AsRawFd::as_raw_fd).collect(),
            agent: lines.agent.as_raw_fd(),
            tpm: lines.tpm.as_ref().map_or(-1, AsRawFd::as_raw_fd),
            firmware_log: self.spec.has_bios().then(|| self.folder.join(FIRMWARE_LOG)),
            keyboard_reports: None,
            credentials: Vec::new(),
        }
    }

    fn keep_arguments(&self, command_line: &CommandLine) -> Result<(), LaunchError> {
        let path = self.folder.join("qemu.args");
        let text = command_line.to_shell(&self.found.program.path);
        fs::write(&path, text).map_err(file_error("write", &path))
    }

    fn facts(&self, command_line: &CommandLine, pid: u32) -> MachineFacts {
        let qemu = QemuFacts {
            machine_type: self.spec.machine_type().to_owned(),
            program: self.found.program.path.clone(),
            version: self.found.program.version,
            accel: self.found.accel.clone(),
            firmware: self.found.firmware.clone(),
            kernel: match &self.spec.firmware {
                Firmware::Kernel(boot) => Some(boot.kernel.clone()),
                Firmware::Uefi | Firmware::Bios => None,
            },
            args: command_line.args().to_owned(),
            pid,
        };
        MachineFacts {
            arch: self.spec.arch,
            cpu_model: self.spec.cpu_model_for(&self.found.accel).to_owned(),
            cpus: self.spec.cpus,
            memory_mib: self.spec.memory_mib,
            firmware: qemu.firmware_words(),
            backend: BackendFacts::Qemu(Box::new(qemu)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::PermissionsExt, path::Path};

    use super::*;
    use crate::{AccelChoice, Arch, MachineEvent, qemu::process::QemuProgram};

    /// A program that speaks as little QMP as a launch needs, until `quit`.
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

    /// A machine without screen or disk whose QEMU is a script; in bash, as other shells take no descriptor above 9.
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
        assert!(!fs::exists(format!("/proc/{pid}")).unwrap());
    }
}

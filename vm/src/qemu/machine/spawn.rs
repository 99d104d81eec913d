//! Starts the processes of a machine: QEMU, with every line and file that it inherits, and its TPM.

use std::{
    fs,
    os::{fd::AsRawFd, unix::net::UnixStream},
    process::Command,
    sync::Arc,
};

use super::{
    LaunchError, SavedMachine,
    blueprint::Blueprint,
    credential_files::CredentialFiles,
    lines::{Ends, Lines},
    run_files::file_error,
    shared_memory::SharedMemory,
    tpm::Tpm,
};
use crate::{
    DisplayDevice, KeyboardDevice,
    qemu::{
        command_line::{CommandLine, FIRMWARE_LOG, MainMemory, Wiring},
        process::{QemuProcess, QemuVersion},
        qmp::{Direction, QmpLog},
        screen::MemoryFile,
    },
};

/// The remark that QEMU keeps the rights of root. It opens disks, checkpoints and media by their paths, also while it
/// runs. Another user could not open files that only root may read, and a test must not change the owner of an image.
const AS_ROOT: &str = "QEMU runs as root, as this program does, since it opens images that may be root's alone: in its \
    sandbox, and with an environment without secrets; run qa as another user to take those rights from it as well";

/// The first QEMU that writes the reports of a USB device (property `pcap`).
const WRITES_REPORTS: QemuVersion = QemuVersion::new(6, 0, 0);

/// The processes of a machine that was started, and our ends of its lines. The machine stands still.
#[derive(Debug)]
pub(super) struct Spawned {
    pub(super) process: QemuProcess,
    /// The process that is its TPM, if it has one.
    pub(super) tpm: Option<Tpm>,
    pub(super) lines: Ends,
    /// The file for pictures of the screen, if it has one.
    pub(super) screen: Option<MemoryFile>,
    /// The file for the reports of its keyboard, if it writes them.
    pub(super) reports: Option<MemoryFile>,
    /// Its main memory, if that is in a file of its own.
    pub(super) memory: Option<Arc<SharedMemory>>,
    pub(super) log: QmpLog,
    pub(super) command_line: CommandLine,
}

impl Blueprint {
    /// Starts QEMU, and its TPM before it. Dropping the result ends them.
    pub(super) async fn spawn(&self, saved: Option<&SavedMachine>) -> Result<Spawned, LaunchError> {
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
        let process = process.map_err(file_error("start", &self.found.program.path))?;
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
        let Lines { mut ours, theirs } = lines;
        // Open ends would hide the end of QEMU, and of the TPM.
        drop((theirs, ours.tpm.take()));
        Ok(Spawned {
            process,
            tpm,
            lines: ours,
            screen,
            reports,
            memory,
            log,
            command_line,
        })
    }

    /// Returns the file for the reports of a USB keyboard, if there is one and QEMU can write it.
    fn keyboard_reports(&self) -> Result<Option<MemoryFile>, LaunchError> {
        let is_usb = self.spec.keyboard == KeyboardDevice::Usb;
        if !is_usb || self.found.program.version < WRITES_REPORTS {
            return Ok(None);
        }
        let file = MemoryFile::new();
        let file = file.map_err(file_error("watch the keyboard of", &self.folder))?;
        Ok(Some(file))
    }

    /// Returns the main memory in a file of its own, if the machine offers to be saved.
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

    /// Starts the process that is the TPM, if the machine has one.
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
}

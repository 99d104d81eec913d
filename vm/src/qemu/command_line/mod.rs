//! The command line of QEMU for a machine.

mod builder;
mod devices;
mod storage;

use std::{
    os::fd::RawFd,
    path::{Path, PathBuf},
};

use self::builder::Builder;
pub(crate) use self::storage::disk_node;
use crate::{
    AccelChoice, MachineSpec,
    image::{FileFormat, Layer},
    qemu::firmware::FirmwareFiles,
};

/// QEMU's name of the agent's port. Events about the agent carry it.
pub(crate) const AGENT_PORT: &str = "agent0";

/// The log of the BIOS of a PC, in the folder of a run.
pub const FIRMWARE_LOG: &str = "firmware.log";

/// The parts of a machine that are known only when it starts: files made for the run, and descriptors that QEMU
/// inherits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wiring {
    /// The chosen accelerator.
    pub accel: AccelChoice,
    /// The UEFI firmware, if the spec asks for UEFI.
    pub firmware: Option<FirmwareFiles>,
    /// The run's own copy of the firmware's variables; used with `firmware` in flash chips.
    pub variables: PathBuf,
    /// The file that QEMU opens for each disk of the spec, in their order. None for a drive without a medium.
    pub disks: Vec<Option<DiskFile>>,
    /// The place of the machine's main memory.
    pub memory: MainMemory,
    /// True if the machine's state comes by migration. Otherwise it starts at its firmware's first instruction.
    pub incoming: bool,
    /// True if a VNC viewer on this host can reach the screen.
    pub vnc: bool,
    /// The socket for QMP.
    pub qmp: RawFd,
    /// The sockets for the serial lines of the spec, in order.
    pub serials: Vec<RawFd>,
    /// The socket for the agent, used if the spec has a channel for it.
    pub agent: RawFd,
    /// The socket to the emulator of the TPM, used if the spec has one.
    pub tpm: RawFd,
    /// The file for the log of a BIOS. None if there is no BIOS.
    pub firmware_log: Option<PathBuf>,
    /// The file that gets the reports of a USB keyboard, if QEMU can write it.
    pub keyboard_reports: Option<PathBuf>,
    /// The file with the OEM string of each credential of the spec, in their order.
    pub credentials: Vec<PathBuf>,
}

/// The place of a machine's main memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MainMemory {
    /// The QEMU process. The content is lost with it.
    Process,
    /// A file that always has the guest's content.
    Shared(PathBuf),
    /// A file that the guest starts with and never changes. Its writes stay in the process. Machines that start with
    /// the same file share what they have not written.
    CopyOnWrite(PathBuf),
}

/// The file of a disk, with its backing file. QEMU is told of every file, so that no header makes it open another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskFile {
    /// The path.
    pub path: PathBuf,
    /// The format.
    pub format: FileFormat,
    /// The file with its bytes, if that is another one.
    pub data: Option<PathBuf>,
    /// The backing file.
    pub backing: Option<Box<DiskFile>>,
}

impl DiskFile {
    /// Returns a file without a backing file.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, format: FileFormat) -> Self {
        Self {
            path: path.into(),
            format,
            data: None,
            backing: None,
        }
    }

    /// Returns the same file on a backing file.
    #[must_use]
    pub fn on(self, backing: Self) -> Self {
        Self {
            backing: Some(Box::new(backing)),
            ..self
        }
    }

    /// Returns the chain of files, each on the next. None if there are none.
    #[must_use]
    pub fn of_layers(layers: &[Layer]) -> Option<Self> {
        let mut below = None;
        for layer in layers.iter().rev() {
            below = Some(Self {
                path: layer.path.clone(),
                format: layer.format,
                data: layer.data.clone(),
                backing: below.map(Box::new),
            });
        }
        below
    }
}

/// The arguments of a QEMU process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    args: Vec<String>,
}

impl CommandLine {
    /// Returns the arguments for a machine of `spec`, wired as `wiring` says. Pure: equal input gives equal arguments.
    ///
    /// QEMU starts stopped (`-S`). It also stays, stopped, after the guest has powered off or panicked.
    #[must_use]
    pub fn new(spec: &MachineSpec, wiring: &Wiring) -> Self {
        let mut builder = Builder::new(spec, wiring);
        builder.isolation();
        builder.machine();
        builder.connections();
        builder.display();
        builder.input();
        builder.disks();
        builder.network();
        builder.chips();
        if wiring.incoming {
            builder.option("-incoming", "defer");
        }
        let mut args = builder.args;
        args.extend(spec.extra_args.iter().cloned());
        Self { args }
    }

    /// Returns the arguments without the program.
    #[must_use]
    pub fn args(&self) -> &[String] {
        &self.args
    }

    /// Returns a shell command with one option per line, for `qemu.args`. To repeat it by hand, replace the sockets
    /// (`fd=`), which only live as long as the machine.
    #[must_use]
    pub fn to_shell(&self, program: &Path) -> String {
        let mut text = quoted(&program.to_string_lossy());
        for arg in &self.args {
            text.push_str(if arg.starts_with('-') { " \\\n  " } else { " " });
            text.push_str(&quoted(arg));
        }
        text.push('\n');
        text
    }
}

/// Returns an argument quoted for a POSIX shell.
fn quoted(arg: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,+@%".contains(&byte);
    if !arg.is_empty() && arg.bytes().all(plain) {
        arg.to_owned()
    } else {
        format!("'{}'", arg.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests;

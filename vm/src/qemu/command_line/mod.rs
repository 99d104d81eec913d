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

/// QEMU's name of the agent's port: events about it carry this.
pub(crate) const AGENT_PORT: &str = "agent0";

/// In the folder of a run: what the firmware of a PC with BIOS says of its work.
pub const FIRMWARE_LOG: &str = "firmware.log";

/// What of a machine is known only when it starts: files made for the run and descriptors QEMU inherits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wiring {
    /// The accelerator decided for.
    pub accel: AccelChoice,
    /// The UEFI firmware, if the spec asks for UEFI.
    pub firmware: Option<FirmwareFiles>,
    /// The run's own copy of the firmware's variables; used with `firmware` in flash chips.
    pub variables: PathBuf,
    /// For each disk of the spec, in its order: the file QEMU opens; none for a drive without a medium.
    pub disks: Vec<Option<DiskFile>>,
    /// What holds the machine's main memory.
    pub memory: MainMemory,
    /// Whether the machine's state is to come by migration, instead of its firmware's first instruction.
    pub incoming: bool,
    /// Whether a VNC viewer on this host can reach the screen.
    pub vnc: bool,
    /// Socket for QMP.
    pub qmp: RawFd,
    /// Sockets for the serial lines of the spec, in order.
    pub serials: Vec<RawFd>,
    /// Socket for the agent, used if the spec has a channel for it.
    pub agent: RawFd,
    /// Socket to the emulator of the TPM, used if the spec has one.
    pub tpm: RawFd,
    /// The file in which a BIOS writes what it does; none where there is no BIOS.
    pub firmware_log: Option<PathBuf>,
    /// The file that gets the reports of a USB keyboard, where QEMU can write it.
    pub keyboard_reports: Option<PathBuf>,
    /// For each credential of the spec, in its order: the file that has its OEM string.
    pub credentials: Vec<PathBuf>,
}

/// What holds the main memory of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MainMemory {
    /// The QEMU process: what the guest had is gone with it.
    Process,
    /// A file that always has what the guest has.
    Shared(PathBuf),
    /// A file that the guest starts with and never changes: what it writes stays in the process. Machines of one file
    /// share what they have not written.
    CopyOnWrite(PathBuf),
}

/// The file behind a disk, and what it stands on. QEMU is told of every file, so that no header of one makes it open
/// another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskFile {
    /// Its path.
    pub path: PathBuf,
    /// Its format.
    pub format: FileFormat,
    /// The file that has its bytes, where that is another.
    pub data: Option<PathBuf>,
    /// The file that it stands on.
    pub backing: Option<Box<DiskFile>>,
}

impl DiskFile {
    /// A file that stands on no other.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, format: FileFormat) -> Self {
        Self {
            path: path.into(),
            format,
            data: None,
            backing: None,
        }
    }

    /// The same on another.
    #[must_use]
    pub fn on(self, backing: Self) -> Self {
        Self {
            backing: Some(Box::new(backing)),
            ..self
        }
    }

    /// Files of which each stands on the next; none where there are none.
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
    /// The arguments for a machine of `spec`, wired as `wiring` says. Pure: equal input, equal arguments.
    ///
    /// QEMU starts stopped (`-S`), and stays, stopped, after the guest powered off or panicked.
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

    /// The arguments without the program.
    #[must_use]
    pub fn args(&self) -> &[String] {
        &self.args
    }

    /// A shell command, one option a line, as kept in `qemu.args`. To repeat it by hand, replace the sockets (`fd=`),
    /// which only live as long as the machine.
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

/// An argument as a POSIX shell reads it.
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

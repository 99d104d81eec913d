//! The TPM of a machine.

use std::{
    fs, io,
    os::{
        fd::{AsRawFd, RawFd},
        unix::net::UnixStream,
    },
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    qemu::process::{Ended, Killer, QemuProcess},
    qemu::qmp::{Direction, QmpLog},
};

/// The process that is a machine's TPM. Dropping it ends it.
///
/// The guest's data in the chip is in a folder of the run. A saved machine needs no copy of it: QEMU's stream of the
/// devices has all of it, and passes it to the new process when the machine is continued.
#[derive(Debug)]
pub(super) struct Tpm {
    // It ends by itself when QEMU does, and is killed otherwise.
    process: QemuProcess,
}

impl Tpm {
    /// Starts `program` for a run in `folder`. Writes the state of the chip to `tpm` and a log to `swtpm.log` there.
    /// `socket` is its end of the line to QEMU.
    pub(super) async fn start(
        program: &Path,
        folder: &Path,
        socket: &UnixStream,
        qmp_log: QmpLog,
    ) -> io::Result<Self> {
        fs::create_dir_all(Self::state_in(folder))?;
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .args(arguments(socket.as_raw_fd()));
        let inherited = vec![socket.as_raw_fd()];
        let process = QemuProcess::start(command, inherited, qmp_log.clone()).await?;
        qmp_log.write(
            Direction::Remark,
            format_args!("the TPM has process id {}", process.pid()),
        );
        Ok(Self { process })
    }

    pub(super) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Returns a handle that ends the process from elsewhere.
    pub(super) fn killer(&self) -> io::Result<Killer> {
        self.process.killer()
    }

    /// Waits for its end. Can be dropped and called again.
    pub(super) async fn ended(&mut self) -> Ended {
        self.process.ended().await
    }

    /// Returns the folder of the chip's state while a machine runs in `folder`.
    pub(super) fn state_in(folder: &Path) -> PathBuf {
        folder.join(STATE)
    }
}

/// The name of the folder of the chip's state.
const STATE: &str = "tpm";

fn arguments(socket: RawFd) -> [String; 9] {
    // Names relative to its folder: commas separate the parts of a value and cannot be quoted.
    [
        "socket".to_owned(),
        "--tpm2".to_owned(),
        "--tpmstate".to_owned(),
        format!("dir={STATE},mode=0600"),
        "--ctrl".to_owned(),
        format!("type=unixio,clientfd={socket}"),
        "--log".to_owned(),
        "file=swtpm.log".to_owned(),
        // It ends with its connection to QEMU.
        "--terminate".to_owned(),
    ]
}

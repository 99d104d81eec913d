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
/// What the guest stores in the chip is in a folder of the run. A saved machine needs no copy of that: QEMU's stream of
/// the devices has all of it, and hands it to the process of the machine that goes on.
#[derive(Debug)]
pub(super) struct Tpm {
    // It ends by itself when QEMU does, and is killed otherwise.
    process: QemuProcess,
}

impl Tpm {
    /// Starts `program` for a run in `folder`, which gets `tpm` with the state of the chip and `swtpm.log`; `socket` is
    /// its end of the line to QEMU.
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

    /// Returns what ends the process from elsewhere.
    pub(super) fn killer(&self) -> io::Result<Killer> {
        self.process.killer()
    }

    /// Waits for its end. Can be dropped and called again.
    pub(super) async fn ended(&mut self) -> Ended {
        self.process.ended().await
    }

    /// Where the state of the chip is while a machine runs in `folder`.
    pub(super) fn state_in(folder: &Path) -> PathBuf {
        folder.join(STATE)
    }
}

/// The folder of the chip's state in that of the run.
const STATE: &str = "tpm";

fn arguments(socket: RawFd) -> [String; 9] {
    // Names in the folder it starts in, as commas separate the parts of a value and nothing quotes them.
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

//! The power of the rig: starts and kills QEMU.

use std::{io, process::Stdio, sync::Arc};

use tokio::{
    process::{Child, Command},
    sync::Mutex,
};

use crate::machine::Rig;

/// The power of the rig.
#[derive(Debug)]
pub(crate) struct Power {
    rig: Arc<Rig>,
    qemu: Mutex<Option<Child>>,
}

impl Power {
    pub(crate) fn new(rig: Arc<Rig>) -> Self {
        Self {
            rig,
            qemu: Mutex::new(None),
        }
    }

    /// Starts QEMU if it does not run.
    pub(crate) async fn on(&self) -> io::Result<()> {
        let mut qemu = self.qemu.lock().await;
        if running(&mut qemu) {
            return Ok(());
        }
        for socket in [self.rig.serial_socket(), self.rig.control_socket()] {
            // One of the QEMU before.
            let _ = std::fs::remove_file(socket);
        }
        let log = std::fs::File::create(self.rig.folder.join("qemu.log"))?;
        let mut command = Command::from(self.rig.command());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true);
        *qemu = Some(command.spawn()?);
        Ok(())
    }

    /// Kills QEMU, as a power cut does.
    pub(crate) async fn off(&self) {
        if let Some(mut qemu) = self.qemu.lock().await.take() {
            // It may have ended already.
            let _ = qemu.kill().await;
        }
    }

    /// Returns whether QEMU runs. A guest that powered itself off has ended it.
    pub(crate) async fn is_on(&self) -> bool {
        running(&mut *self.qemu.lock().await)
    }
}

fn running(qemu: &mut Option<Child>) -> bool {
    let runs = |qemu: &mut Child| matches!(qemu.try_wait(), Ok(None));
    let is_on = qemu.as_mut().is_some_and(runs);
    if !is_on {
        *qemu = None;
    }
    is_on
}

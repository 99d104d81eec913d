use std::{path::Path, process::ExitStatus};

use super::{LaunchError, MachineEvents, MachineFacts, Power};
use crate::{Agent, Keyboard, MachineSpec, Pointer, Screen, Serial, qmp::Qmp};

/// A running machine. One task of its own drives it; this handle and the handles it gives out only send requests.
///
/// End it with [`shutdown`](Self::shutdown). Dropping it kills QEMU as a safety net.
#[derive(Debug)]
pub struct Machine {}

/// How a machine's QEMU ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Its exit status; none when it could not be learnt.
    pub status: Option<ExitStatus>,
    /// The end of what it wrote to stderr.
    pub stderr_tail: String,
}

impl Machine {
    /// Builds the machine of `spec` and starts it. `folder` (made if not there) gets `serial0.log`, `qmp.log` and `qemu.args`;
    /// overlays and firmware variables of the run are kept in it until the machine is shut down.
    ///
    /// The events begin before the machine's first instruction.
    ///
    /// # Errors
    /// See [`LaunchError`]; nothing is left running.
    pub async fn launch(
        spec: &MachineSpec,
        folder: &Path,
    ) -> Result<(Self, MachineEvents), LaunchError> {
        let _ = (spec, folder);
        todo!()
    }

    /// Ends this machine if it still runs, as by pulling the plug, and starts it again from its disks and firmware variables as they
    /// are. Logs are continued; the handles of the old machine are dead.
    ///
    /// # Errors
    /// See [`LaunchError`].
    pub async fn relaunch(self) -> Result<(Self, MachineEvents), LaunchError> {
        todo!()
    }

    /// What the machine is.
    #[must_use]
    pub fn facts(&self) -> &MachineFacts {
        todo!()
    }

    /// Its events from now on.
    #[must_use]
    pub fn events(&self) -> MachineEvents {
        todo!()
    }

    /// Its screen.
    #[must_use]
    pub fn screen(&self) -> &Screen {
        todo!()
    }

    /// Its keyboard.
    #[must_use]
    pub fn keyboard(&self) -> &Keyboard {
        todo!()
    }

    /// Its pointer.
    #[must_use]
    pub fn pointer(&self) -> &Pointer {
        todo!()
    }

    /// Its first serial console.
    #[must_use]
    pub fn serial(&self) -> &Serial {
        todo!()
    }

    /// Its guest agent.
    #[must_use]
    pub fn agent(&self) -> &Agent {
        todo!()
    }

    /// Its power.
    #[must_use]
    pub fn power(&self) -> &Power {
        todo!()
    }

    /// QEMU itself, for what the other handles do not offer.
    #[must_use]
    pub fn qmp(&self) -> &Qmp {
        todo!()
    }

    /// Pulls the plug: QEMU is killed. The events end with [`Exited`](crate::MachineEvent::Exited), expected.
    pub async fn cut(&self) -> Ending {
        todo!()
    }

    /// Ends QEMU (it is asked, then told, then killed), waits until the process is gone, and removes what the run needed.
    /// Takes milliseconds as a rule and some seconds at most.
    pub async fn shutdown(self) -> Ending {
        todo!()
    }
}
